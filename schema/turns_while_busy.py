"""Letting work begin in the order of coming, and little of it at a time while the processor is busy with it.

What is under way takes a part of the processor's cache. A process has one core: whether it works on all by turns or on
a little at a time, the last is done at the same moment, but by turns each puts out of the cache what the others need.
So does what is at its beginning to what is near its end; so small work is begun many at once, which then go on alike.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Waiting = tuple[int, Callable[["Group"], bool]]
    """What something costs, and what lets it begin as one of a group and says whether it still wanted to."""

_BUSY: Final = 0.9
"""Which part of the time the processor has to be at work, for more work to be of no use to it."""

_GROWTH: Final = 0.5
"""How much may begin beside what waits for the database, in proportion to that, where it is more than a group."""

_SECONDS_WITHOUT_A_BEGINNING: Final = 0.1
"""How long nobody's turn may come. The processor may be at work for something else, while those who have their turns
wait for the database."""


class Group:
    """Those who have begun since the processor was last found idle, and are not done: a holder of turns is in one.

    Those of an earlier group wait for the database or for each other, for as long as that may take. What they cost
    keeps nobody else from beginning.
    """

    __slots__ = ("_turns", "cost")

    def __init__(self, turns: TurnsWhileBusy) -> None:
        self._turns = turns
        self.cost = 0

    def give_back(self, cost: int) -> None:
        """End a turn that was taken in this group."""
        self.cost -= cost
        turns = self._turns
        turns.cost -= cost
        # Both are looked at below as well; here that spares most requests a call.
        if turns.waiting and turns.group.cost <= turns.remainder:
            turns.begin_where_few_are_left()


class TurnsWhileBusy:
    """Turns at the processor, in the order of coming.

    What is under way costs `together` at most; what costs more is carried out alone. Who found no room waits until what
    is under way costs no more than `remainder`, and then begins together with others. Each time that the processor has
    spent some of the last `seconds` waiting, which means for the database, or that nobody's turn came for a tenth of a
    second, what is under way no longer counts, and others begin as if there were nothing; also more than have room
    together, where as many wait for the database that it is no more than half of that.
    """

    def __init__(
        self,
        together: int,
        remainder: int,
        seconds: float,
        *,
        clock: Callable[[], float] = time.perf_counter,
        processor_time: Callable[[], float] = time.thread_time,
    ) -> None:
        """`processor_time` gives the seconds that the processor has worked for the thread of the event loop.

        That of the event loop is no `clock` for it: it may tell whole milliseconds only.
        """
        self._together = together
        self.remainder = remainder
        self._seconds = seconds
        self._clock = clock
        self._processor_time = processor_time
        self.group = Group(self)
        """Those who count."""
        self.cost = 0
        """What all that is under way costs, of whatever group."""
        self.waiting: deque[Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None
        # When it was looked last, what the processor had worked by then, and when somebody's turn came last.
        self._looked = self._worked = self._began = 0.0

    def take_at_once(self, cost: int) -> Group | None:
        """Take a turn where there is room and nobody waits; gives the group that it is to be given back to."""
        group = self.group
        if self.waiting or (group.cost and group.cost + cost > self._together):
            return None
        group.cost += cost
        self.cost += cost
        return group

    def wait(self, cost: int, begin: Callable[[Group], bool]) -> Waiting:
        """Have `begin` called when it is its turn; it says whether it takes it."""
        waiting = (cost, begin)
        self.waiting.append(waiting)
        if self._timer is None:
            self._began = self._clock()
            self._look_later()
        return waiting

    def leave(self, waiting: Waiting) -> None:
        """Wait no longer. Who is no longer waiting may leave as well."""
        with suppress(ValueError):
            self.waiting.remove(waiting)
        self.begin_where_few_are_left()

    def begin_where_few_are_left(self) -> None:
        """Let those begin for whom there is room, where no more than the remainder is under way."""
        group = self.group
        if group.cost > self.remainder:
            return
        while self.waiting and (not group.cost or group.cost + self.waiting[0][0] <= self._together):
            self._begin_first()

    def begin_all(self) -> None:
        """Let all begin who wait."""
        while self.waiting:
            self._begin_first()

    def _begin_first(self) -> None:
        cost, begin = self.waiting.popleft()
        if begin(self.group):
            self._began = self._clock()
            self.group.cost += cost
            self.cost += cost

    def _look_later(self) -> None:
        self._looked, self._worked = self._clock(), self._processor_time()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self.waiting:
            return
        now = self._clock()
        is_busy = self._processor_time() - self._worked >= _BUSY * (now - self._looked)
        if not is_busy or now - self._began >= _SECONDS_WITHOUT_A_BEGINNING:
            enough = _GROWTH * self.cost
            self.group = Group(self)
            self.begin_where_few_are_left()
            while self.waiting and self.group.cost < enough:
                self._begin_first()
        self._look_later()
