"""What is awaited of an execution: of a field, or of an item of a list."""

from __future__ import annotations

from typing import Any

from graphql_api.execution.places import path_of
from graphql_api.execution.strands import Strand


class CompletedField(Strand):
    """What a field was completed to and is awaited yet, with errors handled as the field's."""

    __slots__ = ()

    def guard(self, error: Exception) -> None:
        """Handle an error: whatever was raised is the field's."""
        field = self.field
        self.executor.handle_field_error(error, field.return_type, field.details, path_of(self.place))


class AwaitedField(CompletedField):
    """What a field's resolver gives."""

    __slots__ = ()

    completes = True

    def complete(self, value: Any) -> Any:
        """Complete it."""
        executor, field = self.executor, self.field
        # Objects of classes that were met before are none of the awaitables; to ask takes longer than to know.
        if value.__class__ in field.runs or not executor.is_awaitable(value):
            return field.complete(executor, value, self.place)
        # What was awaited is not awaited again: it is a value of another kind than any field has.
        info, path = executor.resolve_info(field, self.place), path_of(self.place)
        return executor.complete_value(field.return_type, field.details, info, path, value, None)


class AwaitedItem(Strand):
    """An item of a list at a place, with errors handled as the item's."""

    __slots__ = ()

    def guard(self, error: Exception) -> None:
        """Handle an error, see CompletedField."""
        self.executor.failed_item(self.field, error, self.key, self.place)
