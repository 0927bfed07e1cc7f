"""Those who found no room begin together with others, when little is left of those before them."""

from __future__ import annotations

import asyncio
import itertools
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from schema.turns_while_busy import TurnsWhileBusy

if TYPE_CHECKING:
    from collections.abc import Callable

    from schema.turns_while_busy import Group

TOGETHER = 5
REMAINDER = 2


class Taken(NamedTuple):
    """All turns, and who has begun of those who waited for one."""

    turns: TurnsWhileBusy
    held: list[Group]
    begun: list[int]

    def wait(self, number: int) -> None:
        self.turns.wait(1, partial(self.begin, number))

    def begin(self, number: int, group: Group) -> bool:
        self.begun.append(number)
        self.held.append(group)
        return True

    def give_back(self, number: int) -> None:
        """End as many of those under way as a test says, the first of them first."""
        for _ in range(number):
            self.held.pop(0).give_back(1)


async def all_taken(waiting: int, *, seconds: float = 0.0, processor_time: Callable[[], float] = lambda: 0.0) -> Taken:
    """Have all turns taken and so many wait for theirs.

    The processor is at work, unless something else is said of it or it takes `seconds` to look at the clock.
    """
    clock = itertools.count(0.0, seconds).__next__
    turns = TurnsWhileBusy(TOGETHER, REMAINDER, 0.001, clock=clock, processor_time=processor_time)
    held = [group for _ in range(TOGETHER + 1) if (group := turns.take_at_once(1)) is not None]
    assert len(held) == TOGETHER
    taken = Taken(turns, held, [])
    for number in range(waiting):
        taken.wait(number)
    return taken


async def until_begun(taken: Taken, number: int) -> None:
    async with asyncio.timeout(10):
        while len(taken.begun) < number:  # noqa: ASYNC110 - what is asked has nothing to tell of it
            await asyncio.sleep(0.001)


async def test_they_begin_together_and_in_the_order_of_coming() -> None:
    taken = await all_taken(TOGETHER + 1)
    taken.give_back(TOGETHER - REMAINDER - 1)
    assert taken.begun == []
    taken.give_back(1)
    assert taken.begun == list(range(TOGETHER - REMAINDER))
    assert taken.turns.group.cost == TOGETHER


async def test_nobody_overtakes_those_who_wait() -> None:
    """Also where there would be room for one."""
    taken = await all_taken(1)
    taken.give_back(1)
    assert taken.turns.take_at_once(1) is None
    taken.give_back(2)
    assert taken.turns.group.cost == REMAINDER + 1
    assert taken.turns.take_at_once(1)


async def test_one_who_no_longer_wants_to_makes_room_for_the_next() -> None:
    taken = await all_taken(0)
    for _ in range(TOGETHER):
        taken.turns.wait(1, lambda _: False)
    taken.wait(7)
    taken.give_back(TOGETHER - REMAINDER)
    assert taken.begun == [7]
    assert taken.turns.group.cost == REMAINDER + 1


async def test_who_has_left_is_not_called() -> None:
    taken = await all_taken(0)
    leaving = taken.turns.wait(1, partial(taken.begin, 1))
    taken.wait(2)
    taken.turns.leave(leaving)
    taken.turns.leave(leaving)
    taken.give_back(TOGETHER)
    assert taken.begun == [2]


async def test_one_who_leaves_has_nobody_begin_alone() -> None:
    """Where more are under way than the remainder, there is room for some, and all the same nobody's turn comes."""
    taken = await all_taken(0)
    leaving = taken.turns.wait(1, partial(taken.begin, 1))
    taken.wait(2)
    taken.give_back(1)
    taken.turns.leave(leaving)
    assert taken.begun == []


async def test_all_begin_at_once_where_that_is_asked() -> None:
    taken = await all_taken(4 * TOGETHER)
    taken.turns.begin_all()
    assert taken.begun == list(range(4 * TOGETHER))


async def test_what_waits_for_the_database_keeps_nobody_waiting() -> None:
    """The processor has nothing to do: all begin, though none of the first is done, and no tenth of a second passes."""
    taken = await all_taken(4 * TOGETHER, seconds=0.000_001)
    await until_begun(taken, 4 * TOGETHER)
    assert taken.begun == list(range(4 * TOGETHER))


async def test_where_many_wait_for_the_database_more_begin_than_have_room_together() -> None:
    """At each look half as many as those; a database that is far away is kept at work by as many as it takes."""
    taken = await all_taken(0, seconds=0.000_001)
    idle = 4 * TOGETHER
    for number in range(idle):
        taken.wait(number)
    taken.turns.begin_all()
    at_looks: list[int] = []

    def note(number: int, group: Group) -> bool:
        if not at_looks or taken.held[-1] is not group:
            at_looks.append(0)
        at_looks[-1] += 1
        return taken.begin(number, group)

    for number in range(100):
        taken.turns.wait(1, partial(note, number))
    await until_begun(taken, idle + 100)
    under_way = TOGETHER + idle
    expected = -(-under_way // 2)
    assert at_looks[:2] == [expected, -(-(under_way + expected) // 2)]


async def test_what_stands_still_holds_up_nobody_who_comes_later() -> None:
    """Once the processor was found idle, those before that neither count, nor when they are done at last."""
    idle_once = itertools.chain([0.0, 0.0], itertools.count(1.0, 1.0)).__next__
    taken = await all_taken(TOGETHER + REMAINDER, seconds=0.000_001, processor_time=idle_once)
    await until_begun(taken, TOGETHER)
    standing, taken.held[:] = taken.held[:TOGETHER], taken.held[TOGETHER:]
    taken.give_back(TOGETHER - REMAINDER - 1)
    assert taken.begun == list(range(TOGETHER))
    for group in standing:
        group.give_back(1)
    assert taken.begun == list(range(TOGETHER))
    assert taken.turns.group.cost == REMAINDER + 1
    taken.give_back(1)
    assert taken.begun == list(range(TOGETHER + REMAINDER))
