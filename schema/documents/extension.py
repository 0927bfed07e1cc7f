"""The framework's hooks through which documents are prepared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strawberry.extensions import SchemaExtension

from schema.documents.large_operations import LARGE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from schema.documents.checks import Checks
    from schema.documents.large_operations import LargeOperations
    from schema.documents.prepared import Checked, PreparedDocument


class DocumentChecks(SchemaExtension):
    """Holds each request against the limits before anything is executed, has large ones wait, and reports the cost."""

    def __init__(self, checks: Checks, large_operations: LargeOperations) -> None:
        super().__init__()
        self._checks = checks
        self._large_operations = large_operations
        self._prepared: PreparedDocument | None = None
        self._checked: Checked | None = None

    def on_parse(self) -> Iterator[None]:
        """Parse the document, or take it from those that are kept."""
        if (text := self.execution_context.query) is not None:
            self._prepared = self._checks.documents.prepare(text)
            self.execution_context.graphql_document = self._prepared.node
        yield

    def on_validate(self) -> Iterator[None]:
        """Refuse what cannot be executed; an empty list says that the document was validated."""
        if self._prepared is not None:
            context = self.execution_context
            # The public property gives the name of the first operation where none was asked for.
            name = context._provided_operation_name  # noqa: SLF001 - see above
            self._checked = self._checks.of(self._prepared, name, context.variables or {}, context.context.viewer)
            context.pre_execution_errors = list(self._checked.refusals)
        yield

    async def on_execute(self) -> AsyncIterator[None]:
        """Wait with a large operation until it is its turn."""
        cost = 0 if self._checked is None else self._checked.cost
        if cost >= LARGE:
            self.execution_context.context.step_aside()
        async with self._large_operations.turn(cost):
            yield

    def get_results(self) -> dict[str, Any]:
        """Report the cost in the response's extensions."""
        return {} if self._checked is None else self._checked.extensions
