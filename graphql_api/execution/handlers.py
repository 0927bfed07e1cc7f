"""What the framework makes of exceptions that a resolver raises and a member of its union stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from strawberry.utils.await_maybe import await_maybe

from graphql_api.execution.delayed_info import DelayedInfo

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from strawberry import ExceptionHandler
    from strawberry.types.field import StrawberryField

    from graphql_api.execution.executor import PlanExecutor
    from graphql_api.execution.places import Place
    from graphql_api.execution.planned_field import PlannedField

Handlers = tuple[tuple[tuple[type[Exception], ...], "ExceptionHandler[Any]"], ...]
"""The framework's handlers that can apply to a field, each with the classes of exceptions that it takes."""


async def handled(
    executor: PlanExecutor, field: PlannedField, handlers: Handlers, awaitable: Awaitable[Any], place: Place
) -> Any:
    """Await what a resolver gives. What it raises, the first handler that takes it answers or declines."""
    try:
        return await awaitable
    except Exception as error:
        handler = next((handler for classes, handler in handlers if isinstance(error, classes)), None)
        if handler is None:
            raise
        resolver = cast("StrawberryField", field.resolver)
        info = DelayedInfo(executor, field, place)
        answer = await await_maybe(handler.handle(error, field=resolver, info=info))
        if answer is None:
            raise
        return answer
