"""Taking turns at the connections of a pool, in the order of coming.

The pool by itself gives a connection that was returned to whoever asks next. Under load that is somebody who has just
come, time and again, while others wait until their time is over.
"""

from __future__ import annotations

import asyncio
from collections import deque

from db.errors import AllConnectionsInUse


class Turns:
    """Places for work with one of `size` connections."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._waiting: deque[asyncio.Future[None]] = deque()

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
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        limit = asyncio.timeout_at(until)
        try:
            async with limit:
                await place
        except BaseException as error:
            if place in self._waiting:
                self._waiting.remove(place)
            elif not place.cancelled():
                # It was given just before.
                self.give_back()
            if isinstance(error, TimeoutError) and limit.expired():
                raise AllConnectionsInUse from error
            raise

    def give_back(self) -> None:
        """Let the next one have the place."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
