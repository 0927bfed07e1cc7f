"""Reading the body of a request, no more of it than may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql_api.refusals import too_large

if TYPE_CHECKING:
    from starlette.types import Receive


class CallerLeft(Exception):
    """The caller closed its connection before it had its answer."""


def require_size(announced: int | None, maximum: int) -> None:
    """Refuse a body by the size that its request announces, where it announces one.

    Raises:
        Refusal: it is more than `maximum` bytes.
    """
    if announced is not None and announced > maximum:
        raise too_large(maximum)


async def read_body(receive: Receive, maximum: int) -> bytes:
    """Read a body of at most `maximum` bytes.

    Raises:
        Refusal: it has more.
        CallerLeft: the caller left in the middle of it.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerLeft
        body += message.get("body", b"")
        if len(body) > maximum:
            raise too_large(maximum)
        if not message.get("more_body", False):
            return bytes(body)
