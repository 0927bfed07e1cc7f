"""What a task is to those who stop it: `asyncio.timeout()`, a group of tasks, a deadline, the task itself."""

from __future__ import annotations

from asyncio import CancelledError
from typing import Any


class Stoppable:
    """Can be cancelled as an asyncio.Task can: where it waits, or where it will wait next."""

    __slots__ = ("_cancels", "_is_done", "_message", "_must_cancel", "_waits_for")

    # Whoever is this sets them when it is made: a call for that would take as long.
    _waits_for: Any
    _message: Any
    _cancels: int
    _must_cancel: bool
    _is_done: bool

    def cancel(self, msg: Any | None = None) -> bool:
        """Have the code inside see CancelledError where it waits. False where it has ended."""
        if self._is_done:
            return False
        self._cancels += 1
        if self._waits_for is None or not self._waits_for.cancel(msg=msg):
            self._must_cancel = True
            self._message = msg
        return True

    def cancelling(self) -> int:
        """Tell how often it was cancelled, less how often that was taken back."""
        return self._cancels

    def uncancel(self) -> int:
        """Take one cancellation back, and tell how many are left; the last one then need not be seen any more."""
        self._cancels = max(0, self._cancels - 1)
        if not self._cancels:
            self._must_cancel = False
        return self._cancels

    def done(self) -> bool:
        """Tell whether it has ended."""
        return self._is_done

    def _cancelled(self, error: BaseException | None = None) -> CancelledError:
        """Give what the code inside is to see of its cancellation; `error` is what it would see else."""
        self._must_cancel = False
        if isinstance(error, CancelledError):
            return error
        return CancelledError() if self._message is None else CancelledError(self._message)
