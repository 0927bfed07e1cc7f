"""Carrying out large operations a few at a time, so that each is done sooner.

What a large answer is made of takes a good part of the processor's cache. A process that works on many of them by turns
takes twice as long for all of them.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Final

from schema.turns_while_busy import TurnsWhileBusy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from schema.turns_while_busy import Group

LARGE: Final = 1_000
"""From which cost on an operation is large. Smaller ones are carried out at once, whatever else is."""

TOGETHER_MAXIMUM: Final = 16_000
"""What large operations that are carried out together may cost: one of the largest, or six pages of a hundred teams."""

_SECONDS_BETWEEN_LOOKS: Final = 0.01


class LargeOperations:
    """Has large operations begin in the order of coming, and few of them while the processor is busy."""

    def __init__(
        self, *, clock: Callable[[], float] = time.perf_counter, processor_time: Callable[[], float] = time.thread_time
    ) -> None:
        """The clocks are those of TurnsWhileBusy."""
        self._turns = TurnsWhileBusy(
            TOGETHER_MAXIMUM, TOGETHER_MAXIMUM, _SECONDS_BETWEEN_LOOKS, clock=clock, processor_time=processor_time
        )

    def turn(self, cost: int) -> AbstractAsyncContextManager[None]:
        """Wait for the turn of an operation of a cost, and hold it for as long as it is carried out."""
        return nullcontext() if cost < LARGE else self._turn(cost)

    @asynccontextmanager
    async def _turn(self, cost: int) -> AsyncIterator[None]:
        group = self._turns.take_at_once(cost) or await self._wait(cost)
        try:
            yield
        finally:
            group.give_back(cost)

    async def _wait(self, cost: int) -> Group:
        place: asyncio.Future[Group] = asyncio.get_running_loop().create_future()
        waiting = self._turns.wait(cost, partial(_give, place))
        try:
            return await place
        except BaseException:
            if place.done() and not place.cancelled():
                # It was given just before.
                place.result().give_back(cost)
            else:
                self._turns.leave(waiting)
            raise


def _give(place: asyncio.Future[Group], group: Group) -> bool:
    if place.done():
        return False
    place.set_result(group)
    return True
