"""Writing answers to a connection: the head together with the beginning of the body, and refusals of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from graphql_api.requests import headers_of_all

if TYPE_CHECKING:
    from graphql_api.refusals import Refusal

_CONTINUE = b"HTTP/1.1 100 "
_JOINED_MAXIMUM = 16_384
"""Up to so many bytes, to copy a body costs less than to hand two pieces to the system."""


class AnswerWriting(asyncio.Transport):
    """The transport of a connection, for what answers its requests one after the other.

    uvicorn writes a head and then a body, which would be two packets, and wake the caller for a head that is of no use
    alone.
    """

    __slots__ = ("_held", "_in_body", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._held = b""
        self._in_body = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send a piece of an answer; its head only with what follows."""
        if self._held:
            head, self._held = self._held, b""
            if len(data) <= _JOINED_MAXIMUM:
                self._transport.write(head + data)
            else:
                self._transport.writelines((head, data))
        elif self._in_body or data[: len(_CONTINUE)] == _CONTINUE:
            self._transport.write(data)
        else:
            self._held = bytes(data)
            self._in_body = True

    def end(self) -> None:
        """Say that an answer ends, of which there may be no more than the head. What comes next is another."""
        self._in_body = False
        if self._held:
            head, self._held = self._held, b""
            self._transport.write(head)

    def close(self) -> None:
        """Close the connection when all is sent."""
        self.end()
        self._transport.close()

    def is_closing(self) -> bool:
        """Tell whether it is closed or about to be."""
        return self._transport.is_closing()


def refuse_last(transport: asyncio.Transport, refusal: Refusal, identity: str) -> None:
    """Send a refusal that no application answers, as the last answer of a connection; `identity`: the request's."""
    headers = [*refusal.response().raw_headers, *headers_of_all(identity), (b"connection", b"close")]
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    transport.write(STATUS_LINE[refusal.status] + lines + b"\r\n" + refusal.body)
    # With a reset it might get lost on its way, so the caller's side is left to the caller for a while.
    if transport.can_write_eof():
        transport.write_eof()
    else:
        transport.close()
