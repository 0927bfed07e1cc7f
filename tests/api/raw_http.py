"""Connections on which every byte is a test's own."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.running_api import ADMIN_KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PATIENCE = 20.0
WHO = b'{"query":"{viewer{name}}"}'
TESTER = {"viewer": {"name": "tester"}}


@dataclass(frozen=True)
class Answer:
    """A response as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.json().get("data")

    @property
    def code(self) -> str:
        """The code of the one error that it has."""
        (error,) = self.json()["errors"]
        return str(error["extensions"]["code"])


@dataclass(frozen=True)
class Wire:
    """A connection to a server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    async def answer(self) -> Answer:
        """Read one response."""
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            status_line, *lines = head.decode("latin-1").split("\r\n")[:-2]
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
            return Answer(int(status_line.split(" ")[1]), headers, body)

    async def rest(self) -> bytes:
        """Wait until the server closes the connection, and give what it sent before."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    def hang_up(self) -> None:
        """Leave without a word."""
        self.writer.transport.abort()


@asynccontextmanager
async def wire(address: str, **options: Any) -> AsyncIterator[Wire]:
    """Connect to a server by its address."""
    url = urlsplit(address)
    reader, writer = await asyncio.open_connection(url.hostname, url.port, **options)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()


def head(
    *headers: str, method: str = "POST", target: str = "/graphql", key: str = ADMIN_KEY, content_type: str | None = None
) -> bytes:
    """Write the first line and the headers of a request, without the blank line that ends them."""
    lines = [f"{method} {target} HTTP/1.1", "Host: test", f"Authorization: Bearer {key}", *headers]
    if method == "POST":
        lines.append(f"Content-Type: {content_type or 'application/json'}")
    return "\r\n".join(lines).encode() + b"\r\n"


def post(body: bytes = WHO, *headers: str, key: str = ADMIN_KEY, content_type: str | None = None) -> bytes:
    """Write a whole request."""
    return head(f"Content-Length: {len(body)}", *headers, key=key, content_type=content_type) + b"\r\n" + body


def chunk(content: bytes) -> bytes:
    """Write a chunk of a body whose size is not known before."""
    return b"%x\r\n%s\r\n" % (len(content), content)
