"""Awaiting many at once."""

from __future__ import annotations

import asyncio
from types import CoroutineType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence


async def together(awaitables: Iterable[Awaitable[Any]]) -> list[Any]:
    """Await all, each by a task of its own, and give what they gave; where one raises, the others are stopped first.

    The library's `gather_with_cancel` does the same, to the turns of the event loop that it takes: errors are found in
    the order in which it finds them. It takes nearly twice as long, most of it in asyncio's gather(), and large answers
    wait for hundreds of objects.
    """
    loop = asyncio.get_running_loop()
    tasks = [
        loop.create_task(each) if isinstance(each, CoroutineType) else asyncio.ensure_future(each)
        for each in awaitables
    ]
    try:
        await _End(tasks, loop)
    except Exception:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    return [task.result() for task in tasks]


class _End(asyncio.Future[None]):
    """When all tasks have ended, or the first that fails. To cancel it is to cancel the tasks, which then end it."""

    def __init__(self, tasks: Sequence[asyncio.Future[Any]], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._tasks = tasks
        self._left = len(tasks)
        self._is_cancelled = False
        for task in tasks:
            task.add_done_callback(self._note)

    def cancel(self, msg: Any | None = None) -> bool:
        """Cancel the tasks."""
        if self.done():
            return False
        cancelled = any([task.cancel(msg) for task in self._tasks])  # noqa: C419 - every one of them
        self._is_cancelled |= cancelled
        return cancelled

    def _note(self, task: asyncio.Future[Any]) -> None:
        self._left -= 1
        # Asked for in any case, since Python tells of errors that nobody asked for.
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if self.done():
            return
        if error is not None:
            self.set_exception(error)
        elif not self._left:
            if self._is_cancelled:
                # They would not be stopped.
                self.set_exception(asyncio.CancelledError())
            else:
                self.set_result(None)
