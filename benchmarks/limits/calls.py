"""Sending requests: to an application in this process, and to a server over a connection of its own."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.limits.operations import KEY
from graphql_api.app import GRAPHQL_PATH
from graphql_api.arrival import Arrival, put_arrival

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Message, Scope

SECONDS_TO_ANSWER: Final = 30

_OK: Final = 200
_HEADERS: Final = (
    ("host", "127.0.0.1"),
    ("accept", "application/json"),
    ("content-type", "application/json"),
    ("authorization", f"Bearer {KEY}"),
)


class Answer(NamedTuple):
    """A response's body, and the microseconds until it was there: by the clock, and of the processor in this process.

    The second is 0 where the work is another process's.
    """

    body: bytes
    clock: float
    processor: float


async def call_application(app: ASGIApp, body: bytes) -> Answer:
    """Send a request as the connection would hand it over.

    Raises:
        RuntimeError: it was not answered with 200.
    """
    headers = [(name.encode(), value.encode()) for name, value in _HEADERS]
    headers.append((b"content-length", str(len(body)).encode()))
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "root_path": "",
        "method": "POST",
        "path": GRAPHQL_PATH,
        "raw_path": GRAPHQL_PATH.encode(),
        "query_string": b"",
        "headers": headers,
        "state": {},
    }
    put_arrival(scope, Arrival(asyncio.get_running_loop().time()))
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    clock, processor = time.perf_counter_ns(), time.thread_time_ns()
    await app(scope, receive, send)
    processor, clock = time.thread_time_ns() - processor, time.perf_counter_ns() - clock
    content = b"".join(message.get("body", b"") for message in sent)
    if sent[0]["status"] != _OK:
        raise RuntimeError(f"A request was answered with {sent[0]['status']}: {content.decode()}")
    return Answer(content, clock / 1000, processor / 1000)


class Connection:
    """A connection to a server that is kept open, with as little in between as may be."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS_TO_ANSWER)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def call(self, body: bytes) -> Answer:
        """Send a request.

        Raises:
            RuntimeError: it was not answered with 200.
        """
        head = [f"POST {GRAPHQL_PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in _HEADERS)]
        request = "\r\n".join([*head, f"content-length: {len(body)}", "", ""]).encode() + body
        clock = time.perf_counter_ns()
        self._socket.sendall(request)
        status, content = self._response()
        clock = time.perf_counter_ns() - clock
        if status != _OK:
            raise RuntimeError(f"A request was answered with {status}: {content.decode()}")
        return Answer(content, clock / 1000, 0.0)

    def _response(self) -> tuple[int, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._received()
        head, _, content = received.partition(b"\r\n\r\n")
        announced = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        length = int(announced[1]) if announced else 0
        while len(content) < length:
            content += self._received()
        return int(head.split(b" ", 2)[1]), content

    def _received(self) -> bytes:
        if not (data := self._socket.recv(65536)):
            raise RuntimeError("A server closed its connection.")
        return data


@contextmanager
def serving(database: str) -> Iterator[dict[str, Connection]]:
    """Serve the variants in another process, and give a connection to each.

    Raises:
        RuntimeError: it does not start; it has said why.
    """
    command = [sys.executable, "-m", "benchmarks.limits.server", database]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as process,  # noqa: S603 - the command is ours
        ExitStack() as stack,
    ):
        stack.callback(process.kill)
        announced = process.stdout.readline() if process.stdout else b""
        if not announced:
            said.seek(0)
            raise RuntimeError(f"The server does not start:\n{said.read().decode()}")
        yield {
            variant: stack.enter_context(closing(Connection(port))) for variant, port in json.loads(announced).items()
        }
