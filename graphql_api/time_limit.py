"""A limit on time that is set and lifted at each request and hardly ever reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql_api import log_context

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

TICK = 0.001
"""The clock of the event loop may tell whole milliseconds, so that what begins now began up to one ago."""


class TimeLimit:
    """Calls `reached` when a limit of always the same number of seconds passes.

    Setting and lifting it cost an assignment: one timer of the event loop goes on meanwhile and looks when it rings.
    """

    __slots__ = ("_due", "_loop", "_reached", "_seconds", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, reached: Callable[[], None]) -> None:
        self._loop = loop
        self._seconds = seconds + TICK
        self._reached = reached
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> float:
        """Let the seconds begin now, whether or not they are running, and say when that is by the loop's clock."""
        now = self._loop.time()
        self._due = now + self._seconds
        if self._timer is None:
            self._timer = self._loop.call_at(self._due, self._look)
        return now

    def stop(self) -> None:
        """Lift the limit."""
        self._due = None

    def close(self) -> None:
        """Lift the limit for good."""
        self._due = None
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        if self._due is None:
            return
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._look)
            return
        self._due = None
        # This runs in the context of whatever request was answered when the timer was set.
        log_context.end()
        self._reached()
