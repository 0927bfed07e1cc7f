"""What resolvers are told of a field, made when they ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strawberry import Info

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

    from graphql_api.execution.executor import PlanExecutor
    from graphql_api.execution.places import Place
    from graphql_api.execution.planned_field import PlannedField


class DelayedInfo(Info[Any, Any]):
    """What the framework's resolvers are told of a field: its part of the library when they ask for more than context.

    It is made for each object, so it is no more than four attributes.
    """

    __slots__ = ("_executor", "_place", "_planned", "context")

    def __init__(self, executor: PlanExecutor, planned: PlannedField, place: Place) -> None:
        self.context = executor.context_value  # type: ignore[misc] # a property there, and each object's own here
        self._executor = executor
        self._planned = planned
        self._place = place

    @property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override] # an attribute there
        return self._executor.resolve_info(self._planned, self._place)

    @property
    def _field(self) -> Any:  # type: ignore[override] # see _raw_info
        return self._planned.resolver
