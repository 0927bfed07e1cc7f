"""Taking turns at the connections of a pool, in the order of coming.

The pool by itself gives a connection that was returned to whoever asks next. Under load that is somebody who has just
come, time and again, while others wait until their time is over.
"""

from __future__ import annotations

import asyncio

from db.errors import AllConnectionsInUse


class Turns:
    """A context manager around work with one of `size` connections, which is waited for `seconds` at most."""

    def __init__(self, size: int, seconds: float) -> None:
        self._free = asyncio.Semaphore(size)
        self._seconds = seconds

    async def __aenter__(self) -> None:
        """Wait for a connection to be free.

        Raises:
            AllConnectionsInUse: none was in time.
        """
        if not self._free.locked():
            await self._free.acquire()
            return
        limit = asyncio.timeout(self._seconds)
        try:
            async with limit:
                await self._free.acquire()
        except TimeoutError as error:
            if limit.expired():
                raise AllConnectionsInUse from error
            raise

    async def __aexit__(self, *_: object) -> None:
        """Let the next one have it."""
        self._free.release()
