"""Awaiting many at once."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from contextvars import Context

    from graphql_api.execution.strands import Strand

_GATHER_LOOKS_AGAIN = sys.version_info < (3, 12)
"""Before, asyncio.gather() took turns of the event loop also where all had ended."""


class Together:
    """Strands that are awaited together and fill an object or a list; where one raises, the others are stopped first.

    The library's `gather_with_cancel` does the same, to the turns of the event loop that it takes: errors are found in
    the order in which it finds them. So it takes a turn to begin, one to note that the last has ended or that one has
    failed, and one to tell that to who waits. All that begin or end with it share these.

    It is a future to who awaits it: asyncio takes everything for one that follows the protocol. To cancel it is to
    cancel the strands, which then end it.
    """

    __slots__ = (
        "_asyncio_future_blocking",
        "_callback",
        "_context",
        "_error",
        "_is_cancelled",
        "_is_done",
        "_is_stopping",
        "_left",
        "_strands",
        "_unbegun",
        "data",
        "is_many",
        "loop",
    )

    def __init__(self, data: Any, strands: Sequence[Strand]) -> None:
        """`data` holds, or has place for, what each strand gives by its key."""
        self.data = data
        self.is_many = len(strands) > 1
        self._strands = strands
        self._is_done = self._is_cancelled = self._is_stopping = self._asyncio_future_blocking = False
        self._error: BaseException | None = None

    def __await__(self) -> Generator[Any, Any, Any]:
        """Await all, and give the data; one alone runs within the task of who awaits it."""
        return self._awaited() if self.is_many else self._alone().__await__()

    async def _alone(self) -> Any:
        (strand,) = self._strands
        self.data[strand.key] = await strand.alone()
        return self.data

    def _awaited(self) -> Generator[Any, Any, Any]:
        self.begin()
        self._asyncio_future_blocking = True
        try:
            yield self
        except Exception as error:  # noqa: BLE001 - it is raised again
            yield from self.stopped(error)
        return self.data

    def begin(self, context: Context | None = None) -> None:
        """Have all strands begin at the next turn of the event loop."""
        self.loop = loop = asyncio.get_running_loop()
        self._left = len(self._strands)
        self._unbegun: Iterator[Strand] = iter(self._strands)
        loop.call_soon(self._begin, context=context)

    def _begin(self) -> None:
        try:
            for strand in self._unbegun:
                strand.begin(self)
        except BaseException:
            # The loop was stopped, and those who stopped it may let it run to the end of all.
            self.loop.call_soon(self._begin)
            raise

    def stopped(self, error: BaseException) -> Generator[Any, Any, Any]:
        """Stop the strands that have not ended, wait for them and raise the error that one ended with.

        Those of a strand that was cancelled go on, as with the library.
        """
        if isinstance(error, Exception):
            self._error = None
            self._is_done = self._is_cancelled = False
            self._is_stopping = True
            for strand in self._strands:
                strand.cancel()
            if not self._left and _GATHER_LOOKS_AGAIN:
                self.loop.call_soon(self._finish)
            if self._left or _GATHER_LOOKS_AGAIN:
                self._asyncio_future_blocking = True
                yield self
        raise error

    def close(self) -> None:
        """Close what will never begin."""
        for strand in self._strands:
            strand.close()

    def end(self, key: Any, value: Any) -> None:
        """Take what a strand gave that has ended."""
        self.data[key] = value
        self._left -= 1
        if not (self._left or self._is_done):
            self.loop.call_soon(self._finish)

    def fail(self, error: BaseException) -> None:
        """Take what a strand raised that has ended. That of the first counts."""
        self._left -= 1
        if self._is_done:
            return
        if not self._is_stopping:
            self.loop.call_soon(self._finish, error)
        elif not self._left:
            self.loop.call_soon(self._finish)

    def _finish(self, error: BaseException | None = None) -> None:
        if self._is_done:
            return
        self._is_done = True
        # Where it is not an error that ends it, the strands would not be stopped.
        self._error = asyncio.CancelledError() if error is None and self._is_cancelled else error
        self.loop.call_soon(self._callback, self, context=self._context)
        del self._callback

    # What tasks ask of a future.

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """Give the event loop on which it runs."""
        return self.loop

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context | None = None) -> None:
        """Have the one who waits told of the end."""
        self._callback = callback
        self._context = context

    def cancel(self, msg: Any | None = None) -> bool:
        """Cancel the strands."""
        if self._is_done:
            return False
        cancelled = any([strand.cancel(msg) for strand in self._strands])  # noqa: C419 - every one of them
        self._is_cancelled |= cancelled
        return cancelled

    def exception(self) -> BaseException | None:
        """Give what it ended with; None where all is well."""
        return self._error

    def result(self) -> None:
        """Raise what it ended with."""
        if self._error is not None:
            raise self._error
