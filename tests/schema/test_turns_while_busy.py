"""Those who found no room begin together with others, when little is left of those before them."""

from __future__ import annotations

import asyncio
import itertools
from functools import partial
from typing import TYPE_CHECKING

from schema.turns_while_busy import TurnsWhileBusy

if TYPE_CHECKING:
    from collections.abc import Callable

TOGETHER = 5
REMAINDER = 2


def turns(*, processor_time: Callable[[], float] | None = None) -> TurnsWhileBusy:
    """Give turns while the processor is at work, unless something else is said of it, and time stands still."""
    return TurnsWhileBusy(TOGETHER, REMAINDER, 0.001, clock=lambda: 0.0, processor_time=processor_time or (lambda: 0.0))


def begin(begun: list[int], number: int) -> bool:
    begun.append(number)
    return True


async def full(taken: TurnsWhileBusy, waiting: int) -> list[int]:
    """Have all turns taken and so many wait for theirs; gives the list of those of them that have begun."""
    begun: list[int] = []
    assert [taken.take_at_once(1) for _ in range(TOGETHER + 1)] == [True] * TOGETHER + [False]
    for number in range(waiting):
        taken.wait(1, partial(begin, begun, number))
    return begun


async def test_they_begin_together_and_in_the_order_of_coming() -> None:
    taken = turns()
    begun = await full(taken, TOGETHER + 1)
    for _ in range(TOGETHER - REMAINDER - 1):
        taken.give_back(1)
        assert begun == []
    taken.give_back(1)
    assert begun == list(range(TOGETHER - REMAINDER))
    assert taken.cost == TOGETHER


async def test_nobody_overtakes_those_who_wait() -> None:
    """Also where there would be room for one."""
    taken = turns()
    await full(taken, 1)
    taken.give_back(1)
    assert not taken.take_at_once(1)
    taken.give_back(1)
    taken.give_back(1)
    assert taken.cost == REMAINDER + 1
    assert taken.take_at_once(1)


async def test_one_who_no_longer_wants_to_makes_room_for_the_next() -> None:
    taken = turns()
    begun = await full(taken, 0)
    for _ in range(TOGETHER):
        taken.wait(1, lambda: False)
    taken.wait(1, partial(begin, begun, 7))
    for _ in range(TOGETHER - REMAINDER):
        taken.give_back(1)
    assert begun == [7]
    assert taken.cost == REMAINDER + 1


async def test_who_has_left_is_not_called() -> None:
    taken = turns()
    begun = await full(taken, 0)
    leaving = taken.wait(1, partial(begin, begun, 1))
    taken.wait(1, partial(begin, begun, 2))
    taken.leave(leaving)
    taken.leave(leaving)
    for _ in range(TOGETHER):
        taken.give_back(1)
    assert begun == [2]


async def test_what_waits_for_the_database_keeps_nobody_waiting() -> None:
    """The processor has nothing to do: all begin, though none of the first is done, and no tenth of a second passes."""
    moments = itertools.count(0.0, 0.000_001)
    taken = TurnsWhileBusy(TOGETHER, REMAINDER, 0.001, clock=moments.__next__, processor_time=lambda: 0.0)
    begun = await full(taken, 4 * TOGETHER)
    async with asyncio.timeout(10):
        while len(begun) < 4 * TOGETHER:  # noqa: ASYNC110 - what is asked has nothing to tell of it
            await asyncio.sleep(0.001)
    assert begun == list(range(4 * TOGETHER))
