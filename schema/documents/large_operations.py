"""Carrying out large operations a few at a time, so that each is done sooner.

What a large answer is made of takes a good part of the processor's cache. A process that works on many of them by turns
puts each out of it for the next, and takes twice as long for all of them.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

LARGE: Final = 1_000
"""From which cost on an operation is large. Smaller ones are carried out at once, whatever else is."""

TOGETHER_MAXIMUM: Final = 16_000
"""What large operations that are carried out together may cost: one of the largest, or six pages of a hundred teams."""

_SECONDS_BETWEEN_LOOKS: Final = 0.01
_BUSY: Final = 0.9
"""Which part of the time the processor has to be at work, for more work to be of no use to it."""

_GROWTH: Final = 1.5
"""How much there is once others were let in, in proportion to what there was."""

_SECONDS_WITHOUT_A_BEGINNING: Final = 0.1
"""How long nobody's turn may come. The processor may be at work for small operations, while large ones wait for the
database."""


class LargeOperations:
    """Has large operations begin in the order of coming, and few of them while the processor is busy.

    Together they cost TOGETHER_MAXIMUM at most. One that costs more is carried out alone. Those who wait are let in all
    the same, as many as cost half as much again, each time that the process has spent some milliseconds waiting, which
    means for the database; or that nobody's turn came for a tenth of a second.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.perf_counter, processor_time: Callable[[], float] = time.thread_time
    ) -> None:
        """`processor_time` gives the seconds that the processor has worked for the thread of the event loop.

        That of the event loop is no `clock` for it: it may tell whole milliseconds only.
        """
        self._clock = clock
        self._processor_time = processor_time
        # What those cost together that are carried out.
        self._cost = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._looked = self._worked = self._began = 0.0

    def turn(self, cost: int) -> AbstractAsyncContextManager[None]:
        """Wait for the turn of an operation of a cost, and hold it for as long as it is carried out."""
        return nullcontext() if cost < LARGE else self._turn(cost)

    @asynccontextmanager
    async def _turn(self, cost: int) -> AsyncIterator[None]:
        if self._waiting or not self._has_room(cost):
            await self._wait(cost)
        else:
            self._cost += cost
        try:
            yield
        finally:
            self._end(cost)

    async def _wait(self, cost: int) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.append((cost, place))
        if self._timer is None:
            self._began = self._clock()
            self._look_later()
        try:
            await place
        except BaseException:
            if place.done() and not place.cancelled():
                # It was given just before.
                self._end(cost)
            else:
                # Unless it was come upon by others in the meantime.
                with suppress(ValueError):
                    self._waiting.remove((cost, place))
                self._begin_those_with_room()
            raise

    def _has_room(self, cost: int) -> bool:
        return not self._cost or self._cost + cost <= TOGETHER_MAXIMUM

    def _end(self, cost: int) -> None:
        self._cost -= cost
        self._begin_those_with_room()

    def _begin_those_with_room(self) -> None:
        while self._waiting and self._has_room(self._waiting[0][0]):
            self._begin_first()

    def _begin_first(self) -> None:
        cost, place = self._waiting.popleft()
        if not place.done():
            self._began = self._clock()
            self._cost += cost
            place.set_result(None)

    def _look_later(self) -> None:
        self._looked, self._worked = self._clock(), self._processor_time()
        self._timer = asyncio.get_running_loop().call_later(_SECONDS_BETWEEN_LOOKS, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._waiting:
            return
        now = self._clock()
        is_busy = self._processor_time() - self._worked >= _BUSY * (now - self._looked)
        if not is_busy or now - self._began >= _SECONDS_WITHOUT_A_BEGINNING:
            enough = _GROWTH * self._cost
            while self._waiting and self._cost < enough:
                self._begin_first()
        self._look_later()
