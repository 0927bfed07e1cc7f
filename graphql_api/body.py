"""Reading the body of a request, no more of it than may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql_api.refusals import overloaded, too_large

if TYPE_CHECKING:
    from starlette.types import Receive


BODIES_MAXIMUM_BYTES = 100_000_000
"""What all bodies together may have while they come in: all connections at once could send 18 times as much."""


class CallerLeft(Exception):
    """The caller closed its connection before it had its answer."""


class Bodies:
    """Reads bodies of at most `maximum` bytes each, and holds no more than BODIES_MAXIMUM_BYTES of all on their way."""

    __slots__ = ("_held", "_maximum", "_maximum_together", "_room")

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._maximum_together = max(BODIES_MAXIMUM_BYTES, maximum)
        self._held = 0
        # How many bytes another body may have.
        self._room = maximum

    async def read(self, receive: Receive) -> bytes:
        """Read a body.

        Raises:
            Refusal: it has more bytes than it may, or all together have.
            CallerLeft: the caller left in the middle of it.
        """
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            # It came in one piece, as most do, and none of it is waited for.
            whole: bytes = message.get("body", b"")
            if len(whole) > self._room:
                raise too_large(self._maximum) if len(whole) > self._maximum else overloaded()
            return whole
        body = bytearray()
        try:
            while True:
                if message["type"] == "http.disconnect":
                    raise CallerLeft
                piece = message.get("body", b"")
                body += piece
                self._hold(len(piece))
                if len(body) > self._maximum:
                    raise too_large(self._maximum)
                if self._held > self._maximum_together:
                    raise overloaded()
                if not message.get("more_body", False):
                    return bytes(body)
                message = await receive()
        finally:
            self._hold(-len(body))

    def _hold(self, more: int) -> None:
        self._held += more
        self._room = min(self._maximum, self._maximum_together - self._held)
