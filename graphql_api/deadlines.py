"""Stopping requests that take longer than they may."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphql_api.arrival import Arrival


class Deadlines:
    """Stops what takes longer than a number of seconds from its beginning, in one event loop.

    All share one timer of the loop, which is set for what has to end first: most requests end long before it rings, and
    a timer for each would cost more than everything else that is done about time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.running: set[Arrival] = set()
        self._rings = math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def task(self) -> asyncio.Task[object] | None:
        """Give the task that runs."""
        # Python asks the system for the number of the process wherever the loop is not known.
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return asyncio.current_task(self._loop)

    def watch(self, work: Arrival) -> None:
        """Watch over work, until it is no longer among what is `running`."""
        self.running.add(work)
        due = work.began + self.seconds
        if due < self._rings:
            self._ring_at(due)

    def _ring_at(self, moment: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings = moment
        self._timer = asyncio.get_running_loop().call_at(moment, self._look)

    def _look(self) -> None:
        self._timer, self._rings = None, math.inf
        now = asyncio.get_running_loop().time()
        for work in self.running:
            if work.began + self.seconds <= now:
                work.stop()
        remaining = [work.began for work in self.running if not work.stopped]
        if remaining:
            self._ring_at(min(remaining) + self.seconds)
