"""What the connection knows of a request and the application needs: when it began, and whether its caller left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope

_EXTENSION = "platform_config.arrival"


class Arrival:
    """A request as its connection sees it. `began` is when its first byte came, by the clock of the event loop."""

    __slots__ = ("_when_left", "began", "left")

    def __init__(self, began: float) -> None:
        self.began = began
        self.left = False
        self._when_left: Callable[[], None] | None = None

    def watch(self, when_left: Callable[[], None] | None) -> None:
        """Have a function called when the caller leaves, at once if it has already; None ends it."""
        self._when_left = when_left
        if self.left and when_left is not None:
            when_left()

    def leave(self) -> None:
        """Say that the caller left: nobody will read the response."""
        self.left = True
        if self._when_left is not None:
            self._when_left()


def put_arrival(scope: Scope, arrival: Arrival) -> None:
    """Hand what the connection knows to the application."""
    scope.setdefault("extensions", {})[_EXTENSION] = arrival


def arrival_of(scope: Scope) -> Arrival:
    """Give what the connection knows; under a server that tells nothing, the request begins now."""
    arrival: Arrival | None = scope.get("extensions", {}).get(_EXTENSION)
    return arrival or Arrival(asyncio.get_running_loop().time())
