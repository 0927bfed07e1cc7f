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

_SECONDS_BETWEEN_LOOKS: Final = 0.005
_BUSY: Final = 0.9
"""Which part of the time the processor has to be at work, for more work to be of no use to it."""


class LargeOperations:
    """Has large operations begin in the order of coming, and no more of them than the processor has use for.

    Together they cost TOGETHER_MAXIMUM at most. One that costs more is carried out alone. Beyond that as many again are
    let in, every few milliseconds, as long as the process spends its time waiting, which means for the database.
    """

    def __init__(self, processor_time: Callable[[], float] = time.thread_time) -> None:
        """`processor_time` gives the seconds that the processor has worked for the thread of the event loop."""
        self._processor_time = processor_time
        # Of those that are carried out.
        self._number = self._cost = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._looked = self._worked = 0.0

    def turn(self, cost: int) -> AbstractAsyncContextManager[None]:
        """Wait for the turn of an operation of a cost, and hold it for as long as it is carried out."""
        return nullcontext() if cost < LARGE else self._turn(cost)

    @asynccontextmanager
    async def _turn(self, cost: int) -> AsyncIterator[None]:
        if self._waiting or not self._has_room(cost):
            await self._wait(cost)
        else:
            self._begin(cost)
        try:
            yield
        finally:
            self._end(cost)

    async def _wait(self, cost: int) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.append((cost, place))
        if self._timer is None:
            self._look_later()
        try:
            await place
        except asyncio.CancelledError:
            if place.cancelled():
                # Unless it was come upon by others in the meantime.
                with suppress(ValueError):
                    self._waiting.remove((cost, place))
                self._begin_those_with_room()
            else:
                # It was given just before.
                self._end(cost)
            raise

    def _has_room(self, cost: int) -> bool:
        return not self._cost or self._cost + cost <= TOGETHER_MAXIMUM

    def _begin(self, cost: int) -> None:
        self._number += 1
        self._cost += cost

    def _end(self, cost: int) -> None:
        self._number -= 1
        self._cost -= cost
        self._begin_those_with_room()

    def _begin_those_with_room(self) -> None:
        while self._waiting and self._has_room(self._waiting[0][0]):
            self._begin_first()

    def _begin_first(self) -> None:
        cost, place = self._waiting.popleft()
        if not place.done():
            self._begin(cost)
            place.set_result(None)

    def _look_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._looked, self._worked = loop.time(), self._processor_time()
        self._timer = loop.call_later(_SECONDS_BETWEEN_LOOKS, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._waiting:
            passed = asyncio.get_running_loop().time() - self._looked
            if self._processor_time() - self._worked < _BUSY * passed:
                for _ in range(min(self._number, len(self._waiting))):
                    self._begin_first()
            self._look_later()
