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

    Waiting = tuple[int, Callable[[], bool]]
    """What something costs, and what lets it begin and says whether it still wanted to."""

_BUSY: Final = 0.9
"""Which part of the time the processor has to be at work, for more work to be of no use to it."""

_GROWTH: Final = 1.5
"""How much there is once others were let in, in proportion to what there was."""

_SECONDS_WITHOUT_A_BEGINNING: Final = 0.1
"""How long nobody's turn may come. The processor may be at work for something else, while those who have their turns
wait for the database."""


class TurnsWhileBusy:
    """Turns at the processor, in the order of coming.

    What is under way costs `together` at most; what costs more is carried out alone. Who found no room waits until what
    is under way costs no more than `remainder`, and then begins together with others. Those who wait are let in all the
    same, as many as cost half as much again, each time that the processor has spent some of the last `seconds` waiting,
    which means for the database; or that nobody's turn came for a tenth of a second.
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
        self._remainder = remainder
        self._seconds = seconds
        self._clock = clock
        self._processor_time = processor_time
        self.cost = 0
        """What is under way costs so much."""
        self.waiting: deque[Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._looked = self._worked = self._began = 0.0

    def take_at_once(self, cost: int) -> bool:
        """Take a turn where there is room and nobody waits, and say whether that is so."""
        if self.waiting or (self.cost and self.cost + cost > self._together):
            return False
        self.cost += cost
        return True

    def wait(self, cost: int, begin: Callable[[], bool]) -> Waiting:
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
        self._begin_those_with_room()

    def give_back(self, cost: int) -> None:
        """End a turn that was taken."""
        self.cost -= cost
        if self.waiting and self.cost <= self._remainder:
            self._begin_those_with_room()

    def _begin_those_with_room(self) -> None:
        while self.waiting and (not self.cost or self.cost + self.waiting[0][0] <= self._together):
            self._begin_first()

    def _begin_first(self) -> None:
        cost, begin = self.waiting.popleft()
        if begin():
            self._began = self._clock()
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
            while self.waiting and self.cost < enough:
                self._begin_first()
        self._look_later()
