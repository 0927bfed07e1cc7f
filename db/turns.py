"""Taking turns at the connections of a pool, in the order of coming.

The pool by itself gives a connection that was returned to whoever asks next. Under load that is somebody who has just
come, time and again, while others wait until their time is over.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from contextlib import suppress

from db.errors import AllConnectionsInUse

_Waiting = tuple[float, "asyncio.Future[bool]"]
"""Until when somebody waits, and for what: whether there is a place."""


class Turns:
    """Places for work with one of `size` connections.

    All who wait share one timer, which is set for the first whose time is over: hardly anybody waits for so long, and a
    timer for each takes longer than the rest of waiting.
    """

    def __init__(self, size: int) -> None:
        self._free = size
        self._waiting: deque[_Waiting] = deque()
        self._rings = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def take_at_once(self) -> bool:
        """Take a place if there is one that nobody waits for, and say whether there was."""
        # One that comes back is given to the first who waits, so that none is free as long as somebody does.
        if not self._free:
            return False
        self._free -= 1
        return True

    async def take(self, until: float) -> None:
        """Wait for a place, until a moment by the clock of the event loop.

        Raises:
            AllConnectionsInUse: none was free in time.
        """
        if self.take_at_once():
            return
        loop = asyncio.get_running_loop()
        place = loop.create_future()
        waiting = (until, place)
        self._waiting.append(waiting)
        if until < self._rings:
            self._ring_at(until, loop)
        try:
            is_there = await place
        except BaseException:
            if not place.done() or place.cancelled():
                # Unless it was come upon by others in the meantime.
                with suppress(ValueError):
                    self._waiting.remove(waiting)
            elif place.result():
                # It was given just before.
                self.give_back()
            raise
        if not is_there:
            raise AllConnectionsInUse

    def give_back(self) -> None:
        """Let the next one have the place."""
        while self._waiting:
            _, place = self._waiting.popleft()
            if not place.done():
                place.set_result(True)
                return
        self._free += 1

    def _ring_at(self, moment: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings = moment
        self._timer = loop.call_at(moment, self._send_away, loop)

    def _send_away(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, self._rings = None, math.inf
        now = loop.time()
        remaining: deque[_Waiting] = deque()
        for until, place in self._waiting:
            if place.done():
                continue
            if until <= now:
                place.set_result(False)
            else:
                remaining.append((until, place))
        self._waiting = remaining
        if remaining:
            self._ring_at(min(until for until, _ in remaining), loop)
