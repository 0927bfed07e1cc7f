"""To the code that runs in it, a strand is the current task."""

from __future__ import annotations

import asyncio
import gc
import warnings
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

from graphql_api.execution.strands import Strand
from graphql_api.execution.together import Together

if TYPE_CHECKING:
    from collections.abc import Awaitable

pytestmark = pytest.mark.anyio

NAME: ContextVar[str] = ContextVar("name", default="nobody")


async def together(*awaitables: Awaitable[Any]) -> list[Any]:
    """Await all, each by a strand."""
    strands = [Strand(place, awaitable) for place, awaitable in enumerate(awaitables)]
    return list(await Together([None] * len(strands), strands))


async def never() -> None:
    await asyncio.get_running_loop().create_future()


async def nothing() -> None:
    await asyncio.sleep(0)


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


async def test_who_cancels_itself_is_stopped_where_it_waits_next() -> None:
    stopped_at = []

    async def stopped(place: int, wait: Awaitable[Any]) -> int:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        try:
            await wait
        except asyncio.CancelledError:
            stopped_at.append(place)
        assert task.cancelling() == 1
        assert task.uncancel() == 0
        await nothing()
        return place

    future = asyncio.get_running_loop().create_future()
    waits = [nothing(), future, together(never(), never())]
    assert await together(*(stopped(place, wait) for place, wait in enumerate(waits))) == [0, 1, 2]
    assert stopped_at == [0, 1, 2]
    assert future.cancelled()


async def test_a_cancellation_that_was_taken_back_is_none() -> None:
    async def resolute() -> str:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        assert task.uncancel() == 0
        await nothing()
        return "goes on"

    assert await together(resolute(), resolute()) == ["goes on", "goes on"]


async def test_who_cancels_itself_and_waits_no_more_is_cancelled_all_the_same() -> None:
    async def stopped() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await together(stopped(), nothing())


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


async def test_where_one_fails_the_others_are_stopped_before_who_waits_hears_of_it() -> None:
    seen = []

    async def slow_to_stop() -> None:
        try:
            await never()
        except asyncio.CancelledError:
            for _ in range(3):
                await asyncio.sleep(0)
            seen.append("stopped")
            raise

    async def failing() -> None:
        await nothing()
        raise ValueError("failing")

    with pytest.raises(ValueError, match="failing"):
        await together(slow_to_stop(), failing(), together(slow_to_stop(), never()))
    assert seen == ["stopped", "stopped"]


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


def test_an_interrupt_ends_the_event_loop_and_what_had_begun_is_stopped_when_that_is_closed() -> None:
    seen = []

    async def begun(place: int) -> None:
        seen.append(f"{place} begun")
        try:
            await never()
        except asyncio.CancelledError:
            seen.append(f"{place} stopped")
            raise

    async def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(together(begun(0), interrupted(), begun(2)))
    assert seen == ["0 begun", "0 stopped"]


async def test_nothing_of_it_waits_for_a_collector_of_cycles() -> None:
    class Given:
        pass

    async def give(given: Given) -> Given:
        await nothing()
        return given

    gc.disable()
    try:
        given = await together(*(give(Given()) for _ in range(2)))
        left = [weakref.ref(each) for each in given]
        del given
        await nothing()
        assert [each() for each in left] == [None, None]
    finally:
        gc.enable()


async def test_an_error_that_was_handled_is_held_by_nothing() -> None:
    class Handled(Exception):
        pass

    left: list[weakref.ref[Exception]] = []

    class Guarded(Strand):
        def guard(self, error: Exception) -> None:
            left.append(weakref.ref(error))

    async def failing() -> None:
        await nothing()
        raise Handled

    async def handling() -> None:
        try:
            await asyncio.create_task(failing())
        except Handled as error:
            left.append(weakref.ref(error))

    async def unhandled() -> None:
        await asyncio.create_task(failing())

    gc.disable()
    try:
        await Together([None] * 3, [Strand(0, handling()), Guarded(1, unhandled()), Guarded(2, failing())])
        await nothing()
        assert [each() for each in left] == [None, None, None]
    finally:
        gc.enable()


async def test_stopped_before_it_began_it_never_begins_and_is_closed() -> None:
    seen = []

    async def begun() -> None:
        seen.append("begun")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        task = asyncio.create_task(together(begun(), begun()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        gc.collect()
    assert task.cancelled()
    assert seen == []
