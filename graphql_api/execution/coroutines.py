"""Coroutines that were made and may never begin."""

from __future__ import annotations

from asyncio import gather
from inspect import CORO_CREATED, getcoroutinestate
from types import CoroutineType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Awaitable, Collection


class Coroutines:
    """What one execution made to be awaited.

    A task that is stopped early enough never calls what it runs, and Python warns of every coroutine that is dropped
    like that.
    """

    def __init__(self) -> None:
        self._made: list[Awaitable[Any]] = []

    def noted(self, *awaitables: Awaitable[Any]) -> Awaitable[Any]:
        """Note awaitables, and give the last of them."""
        self._made += awaitables
        return awaitables[-1]

    def close_what_never_began(self, running: Collection[Future[Any]] = ()) -> None:
        """Close what nobody is going to await; `running`: futures of what may begin some of it yet, so after them."""
        if running:
            gather(*running, return_exceptions=True).add_done_callback(lambda _: self.close_what_never_began())
            return
        for made in self._made:
            if isinstance(made, CoroutineType) and getcoroutinestate(made) == CORO_CREATED:
                made.close()
