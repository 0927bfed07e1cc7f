"""Coroutines that were made and may never begin."""

from __future__ import annotations

from asyncio import gather
from inspect import CORO_CREATED, getcoroutinestate
from types import CoroutineType
from typing import TYPE_CHECKING, Any, TypeVar

from graphql_api.execution.strands import Strand
from graphql_api.execution.together import Together

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Collection

Made = TypeVar("Made")


class Coroutines:
    """What one execution made to be awaited.

    What is stopped early enough never begins, and Python warns of every coroutine that is dropped like that.
    """

    def __init__(self) -> None:
        self._made: list[object] = []

    def noted(self, made: Made, *within: object) -> Made:
        """Note something that is awaited, and what it awaits itself; give the first."""
        self._made.append(made)
        self._made += within
        return made

    def forget(self) -> None:
        """Forget all: it has ended."""
        self._made.clear()

    def close_what_never_began(self, running: Collection[Future[Any]] = ()) -> None:
        """Close what nobody is going to await; `running`: futures of what may begin some of it yet, so after them."""
        if running:
            gather(*running, return_exceptions=True).add_done_callback(lambda _: self.close_what_never_began())
            return
        for made in self._made:
            if isinstance(made, CoroutineType):
                if getcoroutinestate(made) == CORO_CREATED:
                    made.close()
            elif isinstance(made, Strand | Together):
                made.close()
        self._made.clear()
