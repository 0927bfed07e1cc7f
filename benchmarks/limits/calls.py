"""Sending requests: over a connection to a server, and over one without a network in this process."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess  # nosec B404
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from uvicorn.server import ServerState

from benchmarks.limits.operations import KEY
from graphql_api.app import GRAPHQL_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

    import uvicorn

SECONDS_TO_ANSWER: Final = 30

_OK: Final = b"HTTP/1.1 200 "
_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: (\d+)")
_HEAD: Final = (
    f"POST {GRAPHQL_PATH} HTTP/1.1",
    "host: 127.0.0.1",
    "accept: application/json",
    "content-type: application/json",
    f"authorization: Bearer {KEY}",
)


class Answer(NamedTuple):
    """A response's body, and the microseconds until it was there: by the clock, and of the processor in this process.

    The second is 0 where the work is another process's.
    """

    body: bytes
    clock: float
    processor: float


def request(body: bytes) -> bytes:
    """Give a request as it is sent."""
    return "\r\n".join([*_HEAD, f"content-length: {len(body)}", "", ""]).encode() + body


def require_ok(response: bytes) -> bytes:
    """Give the body of a response.

    Raises:
        RuntimeError: its status is not 200.
    """
    head, _, body = response.partition(_END_OF_HEAD)
    if not head.startswith(_OK):
        raise RuntimeError(f"A request was answered with: {response.decode()}")
    return body


class Wire(asyncio.Transport):
    """A connection without a network: what is sent is handed to the protocol, and what that writes is kept."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__({"sockname": ("127.0.0.1", 8000), "peername": ("127.0.0.1", 50000)})
        if not config.loaded:
            config.load()
        self._written = b""
        self._answered: asyncio.Future[None] | None = None
        self._protocol: Any = config.http_protocol_class(
            config=config, server_state=ServerState(), app_state={}, _loop=asyncio.get_running_loop()
        )  # type: ignore[call-arg] # uvicorn says that it is any protocol, and calls it like this
        self._protocol.connection_made(self)

    async def call(self, body: bytes) -> Answer:
        """Send a request.

        Raises:
            RuntimeError: it was not answered with 200.
        """
        sent = request(body)
        self._answered = asyncio.get_running_loop().create_future()
        clock, processor = time.perf_counter_ns(), time.thread_time_ns()
        self._protocol.data_received(sent)
        await self._answered
        processor, clock = time.thread_time_ns() - processor, time.perf_counter_ns() - clock
        return Answer(require_ok(self._written), clock / 1000, processor / 1000)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the response, which all variants write at once."""
        self._written = bytes(data)
        self._end()

    def close(self) -> None:
        """End the connection, which is no answer."""
        self._protocol.connection_lost(None)
        self._end()

    abort = write_eof = close

    def can_write_eof(self) -> bool:
        """Say that it can, as a socket does."""
        return True

    def is_closing(self) -> bool:
        """Say that it stays open."""
        return False

    def get_write_buffer_size(self) -> int:
        """Say that all was taken."""
        return 0

    def pause_reading(self) -> None:
        """Do nothing: nothing is sent before it is awaited."""

    resume_reading = pause_reading

    def _end(self) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(None)


class Connection:
    """A connection to a server that is kept open, with as little in between as may be."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS_TO_ANSWER)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    async def call(self, body: bytes) -> Answer:
        """Send a request. Nothing else is done meanwhile.

        Raises:
            RuntimeError: it was not answered with 200.
        """
        sent = request(body)
        clock = time.perf_counter_ns()
        self._socket.sendall(sent)
        response = self._response()
        clock = time.perf_counter_ns() - clock
        return Answer(require_ok(response), clock / 1000, 0.0)

    def _response(self) -> bytes:
        received = b""
        while _END_OF_HEAD not in received:
            received += self._received()
        announced = _LENGTH.search(received)
        length = received.index(_END_OF_HEAD) + len(_END_OF_HEAD) + (int(announced[1]) if announced else 0)
        while len(received) < length:
            received += self._received()
        return received

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
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as process,  # noqa: S603 - the command is ours  # nosec B603
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
