"""Stopping requests that take longer than they may."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from graphql_api.time_limit import TICK

if TYPE_CHECKING:
    from graphql_api.arrival import Arrival


class Deadlines:
    """Stops what takes longer than a number of seconds from its beginning, in one event loop.

    All share one timer of the loop, which is set for what has to end first: most requests end long before it rings, and
    a timer for each would cost more than everything else that is done about time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds + TICK
        self.watched: set[Arrival] = set()
        self.rings = math.inf
        # Known from the first ring on. Where it is not, Python asks the system for the number of the process.
        self.loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, arrival: Arrival) -> None:
        """Watch over a request from now on."""
        self.watched.add(arrival)
        if arrival.began + self.seconds < self.rings:
            self.ring_at(arrival.began + self.seconds)

    def ring_at(self, moment: float) -> None:
        """See to it that the timer rings at a moment."""
        if self._timer is not None:
            self._timer.cancel()
        self.rings = moment
        self.loop = asyncio.get_running_loop()
        self._timer = self.loop.call_at(moment, self._look)

    def _look(self) -> None:
        self._timer, self.rings = None, math.inf
        now = asyncio.get_running_loop().time()
        for work in self.watched:
            if work.began + self.seconds <= now:
                work.stop()
        # What could not be stopped has no task yet. The endpoint sets the timer for it once there is one.
        remaining = [work.began for work in self.watched if work.began + self.seconds > now]
        if remaining:
            self.ring_at(min(remaining) + self.seconds)
