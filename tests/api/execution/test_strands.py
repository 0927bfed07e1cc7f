"""To the code that runs in it, a strand is the current task."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.execution.beside import never, nothing, together

if TYPE_CHECKING:
    from collections.abc import Awaitable

pytestmark = pytest.mark.anyio

NAME: ContextVar[str] = ContextVar("name", default="nobody")


async def test_each_is_the_current_task_while_it_runs() -> None:
    own = asyncio.current_task()

    async def tasks() -> tuple[object, object]:
        before = asyncio.current_task()
        await asyncio.sleep(0)
        return before, asyncio.current_task()

    first, second = await together(tasks(), tasks())
    assert first[0] is first[1]
    assert second[0] is second[1]
    assert len({own, first[0], second[0]}) == 3
    assert asyncio.current_task() is own


async def test_each_has_a_context_of_its_own() -> None:
    async def named(name: str) -> tuple[str, str]:
        before = NAME.get()
        NAME.set(name)
        await asyncio.sleep(0)
        return before, NAME.get()

    NAME.set("request")
    assert await together(named("a"), named("b")) == [("request", "a"), ("request", "b")]
    assert NAME.get() == "request"


async def test_a_time_out_stops_what_is_in_it_and_nothing_else() -> None:
    async def limited() -> str:
        try:
            async with asyncio.timeout(0.001):
                await never()
        except TimeoutError:
            await nothing()
            return "timed out"
        return "ended"

    async def asked() -> int:
        await asyncio.wait_for(nothing(), 5)
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling()

    assert await together(limited(), asked(), limited()) == ["timed out", 0, "timed out"]


async def test_a_group_of_tasks_ends_with_the_error_of_one() -> None:
    async def failing() -> None:
        await nothing()
        raise ValueError("failing")

    async def group() -> str:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(never())
                tasks.create_task(failing())
        except* ValueError:
            await nothing()
        return "goes on"

    assert await together(group(), group()) == ["goes on", "goes on"]


async def test_what_it_waits_for_may_be_a_task_or_shielded() -> None:
    done = asyncio.Event()

    async def saved() -> str:
        await done.wait()
        return "saved"

    task = asyncio.create_task(saved())

    async def shielding() -> str:
        return await asyncio.shield(task)

    async def stopping() -> None:
        await nothing()
        raise ValueError("stopping")

    with pytest.raises(ValueError, match="stopping"):
        await together(shielding(), stopping())
    done.set()
    assert await together(shielding(), task) == ["saved", "saved"]


async def test_what_a_strand_cannot_wait_for_is_an_error_inside() -> None:
    class Odd:
        def __await__(self) -> Any:
            yield 5

    other = asyncio.new_event_loop()

    async def odd(awaitable: Awaitable[Any]) -> str:
        try:
            await awaitable
        except RuntimeError as error:
            return str(error)
        return "ended"

    bad, foreign, none = await together(odd(Odd()), odd(other.create_future()), odd(nothing()))
    other.close()
    assert bad == "Task got bad yield: 5"
    assert "attached to a different loop" in foreign
    assert none == "ended"


async def test_what_cannot_be_awaited_is_an_error_as_of_await() -> None:
    with pytest.raises(TypeError, match="can't be used in 'await'"):
        await together(5, nothing())  # type: ignore[arg-type] # that is the point


async def test_others_on_the_event_loop_get_their_turn() -> None:
    """What waits by giving turns away waits for something that another task does."""
    done = False

    async def waiting() -> str:
        while not done:  # noqa: ASYNC110 - that is the point
            await asyncio.sleep(0)
        return "done"

    async def doing() -> None:
        nonlocal done
        await nothing()
        done = True

    task = asyncio.create_task(doing())
    assert await together(waiting(), waiting()) == ["done", "done"]
    await task
