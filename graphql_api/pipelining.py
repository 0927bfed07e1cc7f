"""How many requests a caller may send before the first of them is answered, and how far they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

WAITING_REQUESTS_MAXIMUM = 100
"""How many requests of a connection may wait for the one before them."""

REQUESTS_AHEAD_MAXIMUM = 4
"""How many requests may wait on a connection that is read on."""

_BYTES_AHEAD_MAXIMUM = 65_536
"""How many bytes their bodies may have together."""


def is_read_on(waiting: Collection[tuple[RequestResponseCycle, ASGI3Application]]) -> bool:
    """Say whether a connection on which these requests wait is read on.

    That a caller has left is seen where its connection is read, and only there.
    """
    return (
        len(waiting) <= REQUESTS_AHEAD_MAXIMUM and sum(len(cycle.body) for cycle, _ in waiting) <= _BYTES_AHEAD_MAXIMUM
    )
