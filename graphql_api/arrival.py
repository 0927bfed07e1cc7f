"""What the connection knows of a request and the application needs: when it began, and whether its caller left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphql_api.deadlines import Stoppable

_EXTENSION = "platform_config.arrival"


class Arrival:
    """A request as its connection sees it. `began` is when its first byte came, by the clock of the event loop.

    `work` is what is done for the request, and is stopped when its caller leaves.
    """

    __slots__ = ("began", "left", "work")

    def __init__(self, began: float) -> None:
        self.began = began
        self.left = False
        self.work: Stoppable | None = None

    def leave(self) -> None:
        """Say that the caller left: nobody will read the response."""
        self.left = True
        if self.work is not None:
            self.work.stop()


def put_arrival(scope: Any, arrival: Arrival) -> None:
    """Hand what the connection knows to the application; uvicorn and Starlette have a type each for a `scope`."""
    scope["extensions"] = {_EXTENSION: arrival}


def arrival_of(scope: Any) -> Arrival:
    """Give what the connection knows; under a server that tells nothing, the request begins now."""
    arrival: Arrival | None = scope.get("extensions", {}).get(_EXTENSION)
    return arrival or Arrival(asyncio.get_running_loop().time())
