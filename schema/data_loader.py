"""Loading many keys at once that fields ask for one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from typing import Any, Generic, TypeVar, cast

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")

Load = Callable[[list[Key]], Awaitable[Sequence[Result]]]
"""Gives a result for each of many keys, in their order."""


class DataLoader(Generic[Key, Result]):
    """Loads what is asked for at the same time by one call, and each key once.

    Everybody who waits for a key has a future of their own: a field that fails has its siblings stopped, and those stop
    what they wait for, but not what others wait for. A call ends when nobody waits for any of its keys.

    The framework has a loader too. It shares a key's future, so that each field has to shield it, and the two together
    take several times as long.
    """

    def __init__(self, load: Load[Key, Result]) -> None:
        self._load = load
        self._places: dict[Key, tuple[_Batch[Key, Result], int]] = {}
        self._open: _Batch[Key, Result] | None = None

    def load(self, key: Key) -> asyncio.Future[Result]:
        """Load a key together with the others that are asked for at the same time."""
        place = self._places.get(key)
        if place is None or place[0].is_abandoned:
            place = self._places[key] = self._place(key)
        batch, number = place
        return batch.result(number)

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
            batch.end(None, error)
        else:
            batch.end(results, None)


class _Batch(Generic[Key, Result]):
    """Keys that are loaded by one call. Those who wait for them know each by its number."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.keys: list[Key] = []
        self.is_abandoned = False
        self.is_loaded = False
        self._waiting: dict[asyncio.Future[Result], int] = {}
        self._loading: asyncio.Task[None] | None = None
        self._results: Sequence[Result] | None = None
        self._error: Exception | None = None

    def result(self, number: int) -> asyncio.Future[Result]:
        """Give a key's result to one who waits for it."""
        future = self.loop.create_future()
        if self.is_loaded:
            self._give(future, number)
        else:
            self._waiting[future] = number
            future.add_done_callback(self._forget)
        return future

    def begin(self, loading: Coroutine[Any, Any, None]) -> None:
        """Load the keys, by what ends with end(); whoever comes later waits for them too."""
        self._loading = self.loop.create_task(loading)

    def end(self, results: Sequence[Result] | None, error: Exception | None) -> None:
        """Give the results, or the error where there are none, to all who wait."""
        self._results, self._error = results, error
        self.is_loaded = True
        for future, number in self._waiting.items():
            if not future.done():
                future.remove_done_callback(self._forget)
                self._give(future, number)
        self._waiting.clear()

    def _give(self, future: asyncio.Future[Result], number: int) -> None:
        if self._results is None:
            # It failed, or there would be results.
            future.set_exception(cast("Exception", self._error))
        else:
            future.set_result(self._results[number])

    def _forget(self, future: asyncio.Future[Result]) -> None:
        self._waiting.pop(future, None)
        if not self._waiting and not self.is_loaded:
            self.is_abandoned = True
            if self._loading is not None:
                self._loading.cancel()
