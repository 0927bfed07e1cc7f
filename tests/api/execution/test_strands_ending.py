"""Strands end as tasks do where they are cancelled or fail, and leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import warnings
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from graphql_api.execution.strands import Strand
from graphql_api.execution.together import Together
from tests.api.execution.beside import never, nothing, together

if TYPE_CHECKING:
    from collections.abc import Awaitable

pytestmark = pytest.mark.anyio


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
