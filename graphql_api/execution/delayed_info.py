"""What resolvers are told of a field, made when they ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphql.pyutils import Path

    from graphql_api.execution.executor import PlanExecutor
    from graphql_api.execution.planned_field import PlannedField


class DelayedInfo:
    """Stands for what resolvers are told of a field: made when something other than the context is asked for."""

    __slots__ = ("_executor", "_field", "_path", "context")

    def __init__(self, executor: PlanExecutor, field: PlannedField, path: Path) -> None:
        self.context = executor.context_value
        self._executor = executor
        self._field = field
        self._path = path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._executor.resolve_info(self._field, self._path), name)
