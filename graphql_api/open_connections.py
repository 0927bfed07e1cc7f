"""How many connections are open at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from graphql_api.connection import Connection

logger = structlog.stdlib.get_logger(__name__)

_SECONDS_BETWEEN_WARNINGS = 60.0


REFUSED_MAXIMUM = 100
"""How many connections beyond the maximum are told that there are too many; further ones are closed without a word."""


class OpenConnections:
    """The connections of a process, at most `maximum`: beyond that, one that waits for a request makes room."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._open: set[Connection] = set()
        # In the order in which they began to wait.
        self._waiting: dict[Connection, None] = {}
        self._warned: float | None = None

    def opened(self, connection: Connection) -> bool:
        """Count a connection, and say whether it may stay."""
        self._open.add(connection)
        if len(self._open) <= self._maximum:
            return True
        if self._warned is None or time.monotonic() - self._warned > _SECONDS_BETWEEN_WARNINGS:
            self._warned = time.monotonic()
            logger.warning("There are as many connections as may be; idle ones are closed.", maximum=self._maximum)
        if (idle := next(iter(self._waiting), None)) is None:
            return False
        del self._waiting[idle]
        idle.transport.abort()
        return True

    def may_be_refused(self) -> bool:
        """Say whether one that may not stay may be told so: it is open until that is read."""
        return len(self._open) <= self._maximum + REFUSED_MAXIMUM

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        self._open.discard(connection)
        self.works(connection)

    def waits(self, connection: Connection) -> None:
        """Note that a connection has no request to answer; one that is lost may still say so."""
        if connection in self._open:
            self._waiting[connection] = None

    def works(self, connection: Connection) -> None:
        """Note that a connection has a request to answer."""
        self._waiting.pop(connection, None)
