"""The library's executor, with the selections of objects carried out by compiled code.

The compiled code handles what is as it should be: values of the expected class, lists of them, objects of the expected
type. Everything else (null where there may be none, exceptions, awaitables where none were expected, other classes) it
hands to the library's own methods, which decide as they always do. So there is one place that knows what the
specification says of errors, and it is not ours.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from graphql import ExecutionResult, GraphQLError
from graphql.execution.executor import Executor, default_field_resolver, default_type_resolver
from graphql.execution.values import get_argument_values
from strawberry.execution.is_awaitable import optimized_is_awaitable

from graphql_api.execution.arguments import converted_arguments
from graphql_api.execution.awaited import CompletedField
from graphql_api.execution.coroutines import Coroutines
from graphql_api.execution.handlers import handled
from graphql_api.execution.places import path_of
from graphql_api.execution.strands import Strand
from graphql_api.execution.together import Together

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from graphql import GraphQLObjectType, GraphQLResolveInfo
    from graphql.execution.collect_fields import FieldDetailsList
    from graphql.execution.values import VariableValues
    from graphql.pyutils import Path

    from graphql_api.execution.handlers import Handlers
    from graphql_api.execution.places import Place
    from graphql_api.execution.plan import Plan
    from graphql_api.execution.planned_field import PlannedField

Pending = list["Strand"]
"""What is awaited yet of an object or a list, by the response name or the index."""


class PlanExecutor(Executor[None]):
    """Runs a plan once."""

    def __init__(self, plan: Plan, variable_values: VariableValues, context: object, root_value: object = None) -> None:
        super().__init__(
            plan.schema,
            plan.fragment_definitions,
            plan.fragments,
            root_value,
            context,
            plan.operation,
            variable_values,
            default_field_resolver,
            default_type_resolver,
            default_field_resolver,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type] # says nothing of what it tells apart
        )
        self._plan = plan
        self._arguments: dict[PlannedField, dict[str, Any] | None] = {}
        self._coroutines = Coroutines()

    async def run(self) -> ExecutionResult:
        """Execute the operation."""
        data: dict[str, Any] | None = {}
        try:
            for step in self._plan.steps:
                found = step(self, self.root_value, None)
                data |= found if found.__class__ is dict else await found  # type: ignore[operator] # a dictionary still
        except GraphQLError as error:
            self.collected_errors.add(error, None)
            data = None
        except asyncio.CancelledError:
            self._coroutines.close_what_never_began(self.background_futures)
            raise
        if self.collected_errors.errors:
            self._coroutines.close_what_never_began(self.background_futures)
        else:
            self._coroutines.forget()
        if not self.background_futures:
            # These refer to the executor, so that all it has read would stay until somebody looks for cycles.
            del self.async_helpers
        return ExecutionResult(data, self.collected_errors.errors or None)

    def collect_and_execute_subfields(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        path: Path,
        result: Any,
        position_context: None,  # noqa: ARG002 - the library's signature
    ) -> Any:
        """Carry out what is selected of an object by its compiled code, where the library came upon the object."""
        return self._plan.selection(return_type, field_details_list)(self, result, path)

    def arguments(self, field: PlannedField, place: Place) -> dict[str, Any] | None:
        """Give a field's arguments as its resolver takes them: the same for every object of this request.

        Where no variable stands in them, they are the same for every request. None where the framework cannot convert
        them, which it then has to say itself.

        Raises:
            GraphQLError: they are not what the field takes.
        """
        kept = self._plan.constant_arguments if field.has_constant_arguments else self._arguments
        if field in kept:
            return kept[field]
        found = kept[field] = converted_arguments(
            self._plan.framework, field, self._coerced_arguments(field), self, place
        )
        return found

    def resolved(self, field: PlannedField, source: object, place: Place) -> Any:
        """Have a field's value as the library has it."""
        resolve = field.definition.resolve or self.field_resolver
        return resolve(source, self.resolve_info(field, place), **self._coerced_arguments(field))

    def completed(self, field: PlannedField, value: Any, place: Place) -> Any:
        """Complete a value that is not as the compiled code expects; what comes of it may be awaitable."""
        info, path = self.resolve_info(field, place), path_of(place)
        if self.is_awaitable(value):
            self._coroutines.noted(value)
            return self.complete_awaitable_value(field.return_type, field.details, info, path, value, None)
        self._plan.learn(field, value, self)
        return self.complete_value(field.return_type, field.details, info, path, value, None)

    def complete_unusual(
        self, field: PlannedField, value: Any, place: Place | None, data: dict[str, Any], pending: Pending
    ) -> None:
        """Complete such a value of an object's field into the object, or into what is pending of it."""
        field_place = _within(place, field)
        completed = data[field.response_name] = self.completed(field, value, field_place)
        if self.is_awaitable(completed):
            data[field.response_name] = None
            pending.append(self.guarded(field, completed, field_place))

    def failed(self, field: PlannedField, error: Exception, place: Place | None) -> None:
        """Note the error of a field that may be null.

        Raises:
            GraphQLError: it may not, and so its object cannot be either.
        """
        self.handle_field_error(error, field.return_type, field.details, path_of(_within(place, field)))

    def guarded(self, field: PlannedField, awaitable: Awaitable[Any], place: Place) -> Strand:
        """Await what a field was completed to, with errors handled as the field's."""
        return CompletedField(field.response_name, self._coroutines.noted(awaitable), self, field, place)

    def handled(
        self, field: PlannedField, handlers: Handlers, awaitable: Awaitable[Any], place: Place
    ) -> Awaitable[Any]:
        """Await what a resolver gives; what it raises is for the first handler that takes it, unless that declines."""
        return self._coroutines.noted(handled(self, field, handlers, awaitable, place), awaitable)

    def completed_item(self, field: PlannedField, item: Any, index: int, place: Place, pending: Pending) -> Any:
        """Complete an item that is not as expected; None stands for one that is pending."""
        item_path, info = path_of((place, index, None)), self.resolve_info(field, place)
        if self.is_awaitable(item):
            awaitable = self.complete_awaitable_list_item_value(
                item, field.item_type, field.details, info, item_path, None
            )
            pending.append(Strand(index, self._coroutines.noted(awaitable, item)))
            return None
        self._plan.learn(field, item, self)
        results: list[Any] = []
        if self.complete_list_item_value(item, results, field.item_type, field.details, info, item_path, None):
            pending.append(Strand(index, self._coroutines.noted(results[0])))
            return None
        return results[0]

    def failed_item(self, field: PlannedField, error: Exception, index: int, place: Place) -> None:
        """Note the error of an item, see failed()."""
        self.handle_field_error(error, field.item_type, field.details, path_of((place, index, None)))

    def filled(self, data: Any, pending: Pending) -> Awaitable[Any]:
        """Await what is pending of an object or a list, all of it together."""
        # The library may have it awaited by a coroutine of its own, which may never begin.
        return self._coroutines.noted(Together(data, pending))

    def abandon(self, pending: Pending, rest: Sequence[Any] = ()) -> None:
        """Let what was begun come to its end, where nobody waits for it any more; `rest`: items not yet looked at."""
        awaitables: list[Awaitable[Any]] = [self._coroutines.noted(strand.alone(), strand) for strand in pending]
        awaitables += [item for item in rest if self.is_awaitable(item)]
        if awaitables:
            self.settle_in_background(awaitables)

    def resolve_info(self, field: PlannedField, place: Place) -> GraphQLResolveInfo[Any]:
        """Give what the library's resolvers are told of a field."""
        return self.build_resolve_info(field.definition, field.nodes, field.parent_type, path_of(place))

    def _coerced_arguments(self, field: PlannedField) -> dict[str, Any]:
        if field.coerced is not None and (coerced := field.coerced(self.variable_values)) is not None:
            return coerced
        first = field.details[0]
        if not (field.definition.args or first.node.arguments):
            return {}
        return get_argument_values(
            field.definition, first.node, self.variable_values, first.fragment_variable_values, self.hide_suggestions
        )


def _within(place: Place | None, field: PlannedField) -> Place:
    return (place, field.response_name, field.parent_type.name)
