"""Stopping requests: when they take longer than they may, or when nobody waits for them any more."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class Deadlines:
    """Stops what takes longer than a number of seconds, in one event loop.

    All share one timer of the loop, which is set for what has to end first: most requests end long before it rings, and
    a timer for each would cost more than everything else that is done about time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.running: set[Stoppable] = set()
        self.rings = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def ring_at(self, moment: float) -> None:
        """See to it that the timer rings at a moment."""
        if self._timer is not None:
            self._timer.cancel()
        self.rings = moment
        self._timer = asyncio.get_running_loop().call_at(moment, self._look)

    def _look(self) -> None:
        self._timer, self.rings = None, math.inf
        now = asyncio.get_running_loop().time()
        for work in self.running:
            if work.due <= now:
                work.stop()
        remaining = [work.due for work in self.running if not work.stopped]
        if remaining:
            self.ring_at(min(remaining))


class Stoppable:
    """A context manager like `asyncio.timeout()`: stopping cancels the task inside, and is a TimeoutError outside.

    It is due so many seconds after it `began`, by the clock of the event loop. `stopped` tells whether it was stopped,
    by its deadline or by stop().
    """

    __slots__ = ("_before", "_deadlines", "_task", "due", "stopped")

    def __init__(self, deadlines: Deadlines, began: float) -> None:
        self._deadlines = deadlines
        self._task: asyncio.Task[object] | None = None
        self.due = began + deadlines.seconds
        self.stopped = False

    def stop(self) -> None:
        """Stop the work, where it goes on. Not for its own task to call: that would end whatever it does next."""
        if not self.stopped and self._task is not None:
            self.stopped = True
            self._task.cancel()

    def __enter__(self) -> None:
        """Begin."""
        self._task = task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only the work of a task can be stopped")
        self._before = task.cancelling()
        deadlines = self._deadlines
        deadlines.running.add(self)
        if self.due < deadlines.rings:
            deadlines.ring_at(self.due)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End.

        Raises:
            TimeoutError: it was stopped, and nobody else cancelled the task.
        """
        self._deadlines.running.discard(self)
        task, self._task = self._task, None
        if self.stopped and task is not None and task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError from error
