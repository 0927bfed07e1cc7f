"""Loading many keys at once that fields ask for one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from contextvars import Context
    from types import TracebackType

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")

Load = Callable[[list[Key]], Awaitable[Sequence[Result]]]
"""Gives a result for each of many keys, in their order."""


class DataLoader(Generic[Key, Result]):
    """Loads what is asked for at the same time by one call, and each key once.

    Everybody who waits for a key waits for a thing of their own: a field that fails has its siblings stopped, and those
    stop what they wait for, but not what others wait for. A call ends when nobody waits for any of its keys.

    The framework has a loader too. It shares a key's future, so that each field has to shield it, and the two together
    take several times as long.
    """

    def __init__(self, load: Load[Key, Result]) -> None:
        self._load = load
        self._places: dict[Key, tuple[_Batch[Key, Result], int]] = {}
        self._open: _Batch[Key, Result] | None = None

    def load(self, key: Key) -> Waiting[Result]:
        """Load a key together with the others that are asked for at the same time."""
        place = self._places.get(key)
        if place is None or place[0].is_abandoned:
            place = self._places[key] = self._place(key)
        batch, number = place
        waiting = Waiting(batch, number)
        if not batch.is_loaded:
            batch.waiting.append(waiting)
            batch.left += 1
        return waiting

    def _place(self, key: Key) -> tuple[_Batch[Key, Result], int]:
        batch = self._open
        if batch is None or batch.is_abandoned:
            batch = self._open = _Batch(asyncio.get_running_loop())
            batch.begin(self._load_keys(batch))
        batch.keys.append(key)
        return batch, len(batch.keys) - 1

    async def _load_keys(self, batch: _Batch[Key, Result]) -> None:
        # A task takes its first step after those that are waiting to: by now, all have asked that ask at this time.
        if self._open is batch:
            self._open = None
        try:
            results = await self._load(batch.keys)
        except Exception as error:  # noqa: BLE001 - whatever it is: those who wait for the keys have it raised
            batch.end((), error)
        else:
            batch.end(results, None)


class _Batch(Generic[Key, Result]):
    """Keys that are loaded by one call. Those who wait for them know each by its number.

    `waiting` are those whom the end of the call is news to, `left` tells how many of them have not been cancelled.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.keys: list[Key] = []
        self.waiting: list[Waiting[Result]] = []
        self.left = 0
        self.is_abandoned = False
        self.is_loaded = False
        self.results: Sequence[Result] = ()
        self.error: Exception | None = None
        self._traceback: TracebackType | None = None
        self._unwoken: Iterator[Waiting[Result]]
        self._loading: asyncio.Task[None] | None = None

    def begin(self, loading: Coroutine[Any, Any, None]) -> None:
        """Load the keys, by what ends with end(); whoever comes later waits for them too."""
        self._loading = self.loop.create_task(loading)

    def end(self, results: Sequence[Result], error: Exception | None) -> None:
        """Give the results, or the error where there are none, to all who wait."""
        self.results, self.error = results, error
        if error is not None:
            self._traceback = error.__traceback__
        self.is_loaded = True
        self._unwoken, self.waiting = iter(self.waiting), []
        self.loop.call_soon(self._wake)

    def failed(self) -> Exception:
        """Give what the call failed with to one who waits."""
        # With the traceback that it came with, or that would grow with each who raises it.
        return cast("Exception", self.error).with_traceback(self._traceback)

    def forget(self) -> None:
        """Note that one waits no more."""
        self.left -= 1
        if not self.left:
            self.is_abandoned = True
            self.waiting.clear()
            if self._loading is not None:
                self._loading.cancel()

    def _wake(self) -> None:
        try:
            for waiting in self._unwoken:
                callback = waiting.callback
                if callback is not None:
                    waiting.callback = None
                    waiting.context.run(callback, waiting)
        except BaseException:
            # The loop was stopped, and those who stopped it may let it run on.
            self.loop.call_soon(self._wake)
            raise


class Waiting(Generic[Result]):
    """One who waits for a key, to be awaited once: a future, as far as the task goes that awaits it.

    A future of asyncio takes several times as long, most of it because the event loop would tell each task by itself
    that there is something for it. All who wait for a batch are told in one turn. `callback`, in its `context`, tells
    the task.
    """

    __slots__ = ("_asyncio_future_blocking", "_batch", "_is_cancelled", "_number", "callback", "context")

    def __init__(self, batch: _Batch[Any, Result], number: int) -> None:
        self._batch = batch
        self._number = number
        self._is_cancelled = False
        self.callback: Callable[[Any], object] | None = None
        # None says to asyncio that it is no future; it is one while a task waits.
        self._asyncio_future_blocking: bool | None = None

    def __await__(self) -> Generator[Any, None, Result]:
        """Wait, and give what was loaded.

        Raises:
            CancelledError: it was cancelled.
            RuntimeError: it is being awaited already, and could tell one task alone.
            Exception: whatever the call failed with.
        """
        if self._asyncio_future_blocking is not None:
            raise RuntimeError("one who waits for a key can be awaited once")
        batch = self._batch
        if not (batch.is_loaded or self._is_cancelled):
            self._asyncio_future_blocking = True
            yield self
        if self._is_cancelled:
            raise asyncio.CancelledError
        if batch.error is not None:
            raise batch.failed()
        return batch.results[self._number]

    # What tasks ask of a future.

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """Give the event loop of the batch."""
        return self._batch.loop

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context) -> None:
        """Have the task told when there is a result."""
        self.callback = callback
        self.context = context

    def cancel(self, msg: Any | None = None) -> bool:  # noqa: ARG002 - the protocol's; nobody reads messages
        """Wait no more. False where there is a result."""
        if self._is_cancelled or self._batch.is_loaded:
            return False
        self._is_cancelled = True
        self._batch.forget()
        if self.callback is not None:
            self._batch.loop.call_soon(self.callback, self, context=self.context)
            self.callback = None
        return True

    def result(self) -> None:
        """Say nothing to the task: what has been waited for is given or raised where it is awaited."""
