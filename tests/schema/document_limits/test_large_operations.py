"""Large operations are carried out a few at a time while the processor is at work, and never for nothing."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from schema.documents.large_operations import LARGE, TOGETHER_MAXIMUM, LargeOperations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

ALL = 6


def ticking(seconds: float, *first: float) -> Callable[[], float]:
    """Give a clock that goes on by so many seconds each time that it is looked at, after it has said other things."""
    return itertools.chain(first, itertools.count(seconds, seconds)).__next__


def only_waiting() -> LargeOperations:
    """Nobody is let in but where there is room: time stands still, and the processor is at work."""
    return LargeOperations(clock=lambda: 0.0)


class Held:
    """Operations that hold their turns until they are ended."""

    def __init__(self, operations: LargeOperations) -> None:
        self._operations = operations
        self.begun: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, asyncio.Event] = {}

    async def add(self, name: str, cost: int) -> None:
        self._ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._hold(name, cost))
        await settled()

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await settled()

    async def cancel(self, name: str) -> None:
        self.tasks[name].cancel()
        await settled()

    async def _hold(self, name: str, cost: int) -> None:
        async with self._operations.turn(cost):
            self.begun.append(name)
            await self._ends[name].wait()


async def settled() -> None:
    """Let everything go on that can."""
    for _ in range(5):
        await asyncio.sleep(0)


@asynccontextmanager
async def holding(operations: LargeOperations) -> AsyncIterator[Held]:
    held = Held(operations)
    try:
        yield held
    finally:
        for task in held.tasks.values():
            task.cancel()
        await asyncio.gather(*held.tasks.values(), return_exceptions=True)


async def test_what_is_carried_out_together_costs_no_more_than_it_may() -> None:
    async with holding(only_waiting()) as held:
        half = TOGETHER_MAXIMUM // 2
        await held.add("a", half)
        await held.add("b", half)
        await held.add("c", LARGE)
        assert held.begun == ["a", "b"]
        await held.end("a")
        assert held.begun == ["a", "b", "c"]


async def test_they_begin_in_the_order_of_coming() -> None:
    """A stream of those that would fit keeps nobody waiting who asked for more."""
    async with holding(only_waiting()) as held:
        await held.add("first", TOGETHER_MAXIMUM - LARGE)
        await held.add("large", TOGETHER_MAXIMUM)
        await held.add("fitting", LARGE)
        assert held.begun == ["first"]
        await held.end("first")
        assert held.begun == ["first", "large"]
        await held.end("large")
        assert held.begun == ["first", "large", "fitting"]


async def test_small_ones_wait_for_nobody() -> None:
    async with holding(only_waiting()) as held:
        await held.add("large", TOGETHER_MAXIMUM)
        await held.add("waiting", TOGETHER_MAXIMUM)
        await held.add("small", LARGE - 1)
        assert held.begun == ["large", "small"]


async def test_one_that_costs_more_than_all_may_is_carried_out_alone() -> None:
    async with holding(only_waiting()) as held:
        await held.add("before", LARGE)
        await held.add("huge", TOGETHER_MAXIMUM + 1)
        assert held.begun == ["before"]
        await held.end("before")
        await held.add("after", LARGE)
        assert held.begun == ["before", "huge"]


async def test_who_leaves_while_waiting_makes_room_for_the_next() -> None:
    async with holding(only_waiting()) as held:
        await held.add("first", LARGE)
        await held.add("leaving", TOGETHER_MAXIMUM)
        await held.add("next", LARGE)
        await held.cancel("leaving")
        assert held.begun == ["first", "next"]
        assert held.tasks["leaving"].cancelled()


async def test_the_turn_of_one_who_leaves_before_knowing_of_it_is_given_on() -> None:
    async with holding(only_waiting()) as held:
        await held.add("first", TOGETHER_MAXIMUM)
        await held.add("leaving", TOGETHER_MAXIMUM)
        await held.add("next", TOGETHER_MAXIMUM)
        held.tasks["first"].cancel()
        # It ends in the next turn of the loop, and the one who waits is to run in the one after.
        await asyncio.sleep(0)
        await held.cancel("leaving")
        assert held.begun == ["first", "next"]


async def test_one_whose_holder_fails_leaves_nothing_behind() -> None:
    operations = only_waiting()
    with pytest.raises(ZeroDivisionError):
        async with operations.turn(TOGETHER_MAXIMUM):
            raise ZeroDivisionError
    async with holding(operations) as held:
        await held.add("next", TOGETHER_MAXIMUM)
        assert held.begun == ["next"]


async def all_begun(held: Held, number: int) -> None:
    async with asyncio.timeout(10):
        while len(held.begun) < number:  # noqa: ASYNC110 - what is asked has nothing to tell of it
            await asyncio.sleep(0.001)


async def test_others_begin_while_the_processor_has_nothing_to_do() -> None:
    """Those that have their turns wait for the database: more of them at it are done sooner."""
    async with holding(LargeOperations(processor_time=lambda: 0.0)) as held:
        for number in range(ALL):
            await held.add(str(number), TOGETHER_MAXIMUM)
        await all_begun(held, ALL)
        assert held.begun == [str(number) for number in range(ALL)]


async def test_others_begin_where_nobody_has_for_long() -> None:
    """The processor works for small operations, while those that have their turns wait for the database."""
    seconds = ticking(1.0)
    async with holding(LargeOperations(clock=seconds, processor_time=ticking(1_000.0))) as held:
        for number in range(ALL):
            await held.add(str(number), TOGETHER_MAXIMUM)
        await all_begun(held, ALL)


async def test_at_one_look_as_much_begins_as_is_carried_out_together() -> None:
    """Otherwise one moment without work would let in all that wait."""
    idle_once = ticking(1.0, 0.0, 0.0)
    async with holding(LargeOperations(clock=ticking(0.000_001), processor_time=idle_once)) as held:
        for number in range(TOGETHER_MAXIMUM // LARGE):
            await held.add(f"small {number}", LARGE)
        for number in range(ALL):
            await held.add(f"large {number}", TOGETHER_MAXIMUM - LARGE)
        running = TOGETHER_MAXIMUM // LARGE
        await all_begun(held, running + 1)
        assert held.begun[running:] == ["large 0"]
