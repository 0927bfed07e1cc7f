"""Callers who do not take their answers are cut off: what they were sent would be kept for them for ever."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from graphql_api import log_context
from graphql_api.settings import load_settings
from tests.api.raw_http import PATIENCE
from tests.running_api import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import Receive, Scope, Send

SECONDS = 0.3
# The least that the operating system keeps for a socket, so that the rest stays with the server.
LITTLE = 4096
PIECE = 50_000
ASK = b"GET /%s HTTP/1.1\r\nHost: test\r\n\r\n"


class Answers:
    """An application that answers as the path says, and notes when it is done. Each request is named by its query."""

    def __init__(self) -> None:
        self.done = threading.Event()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        scope["request_id"] = scope["query_string"].decode()
        log_context.begin(scope["request_id"])
        log_context.add_viewer(f"who sent {scope['request_id']}")
        pieces = int(scope["path"].removeprefix("/"))
        length = str(PIECE * pieces).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        for number in range(pieces):
            await send({"type": "http.response.body", "body": b"x" * PIECE, "more_body": number < pieces - 1})
        self.done.set()


@pytest.fixture
def application() -> Answers:
    return Answers()


@pytest.fixture
def address(application: Answers) -> Iterator[str]:
    """The address of a server with little patience and little room in its sockets."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LITTLE)
    # What is sent to see whether the connection is still there must not be what ends it.
    settings = load_settings().model_copy(update={"http_send_seconds": SECONDS, "http_receive_seconds": 3600})
    with served(application, settings, listener) as address:
        yield address


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[socket.socket]:
    """A connection of which nothing is read but what a test asks for."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
        connection.settimeout(0)
        host, port = address.removeprefix("http://").split(":")
        await asyncio.get_running_loop().sock_connect(connection, (host, int(port)))
        yield connection


async def is_cut_off(connection: socket.socket) -> bool:
    """Wait until the server closes the connection: what is sent on it then is answered with a reset."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await asyncio.get_running_loop().sock_sendall(connection, b"\r\n")
            except ConnectionError:
                return True
            await asyncio.sleep(SECONDS / 10)  # a connection tells of its end to those who use it


@pytest.mark.parametrize("pieces", [1, 100], ids=["that is complete", "that goes on"])
async def test_an_answer_that_is_not_taken_ends_the_connection(address: str, application: Answers, pieces: int) -> None:
    """Also one so short that nobody waits for room to send it."""
    loop = asyncio.get_running_loop()
    async with connected(address) as connection:
        began = loop.time()
        await loop.sock_sendall(connection, ASK % str(pieces).encode())
        assert await is_cut_off(connection)
        assert loop.time() - began >= SECONDS
    assert await asyncio.to_thread(application.done.wait, PATIENCE)


async def test_an_answer_that_is_taken_slowly_is_given_whole(address: str) -> None:
    """Each time it goes on, there is time for the next part, and a connection that was slow once serves on."""
    loop = asyncio.get_running_loop()
    async with connected(address) as connection:
        for _ in range(2):
            await loop.sock_sendall(connection, ASK % b"1")
            await asyncio.sleep(SECONDS / 2)  # the pace is the subject
            taken = b""
            while taken.count(b"x") < PIECE:
                taken += await loop.sock_recv(connection, 100_000)
        await asyncio.sleep(SECONDS * 1.5)  # longer than for taking an answer, and there is none to take
        await loop.sock_sendall(connection, ASK % b"1")
        assert await loop.sock_recv(connection, 15) == b"HTTP/1.1 200 OK"


async def test_the_log_says_whose_answer_was_not_taken(address: str) -> None:
    """The timer that ends the connection was set for one that was taken before, by another caller of a proxy's."""
    loop = asyncio.get_running_loop()
    with capture_logs(processors=[log_context.add_request]) as lines:
        async with connected(address) as connection:
            await loop.sock_sendall(connection, ASK % b"1?taken")
            taken = b""
            while taken.count(b"x") < PIECE:
                taken += await loop.sock_recv(connection, 100_000)
            await loop.sock_sendall(connection, ASK % b"1?left")
            assert await is_cut_off(connection)
    (line,) = lines
    assert line["event"].startswith("A caller does not take its answer")
    assert line["request_id"] == "left"
    assert "viewer" not in line
