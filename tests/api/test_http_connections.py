"""What is no request, or more than one, or too long for one: answered or cut off, with nothing kept of it."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.raw_http import PATIENCE, TESTER, WHO, Wire, chunk, head, post, wire
from tests.running_api import ADMIN_KEY, running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

HEADER_BYTES = 4096
LIVE = b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n"


@pytest.fixture(scope="module")
def running(module_database: str) -> Iterator[RunningApi]:
    """A server that takes few headers."""
    with running_api(
        module_database, http_maximum_header_bytes=HEADER_BYTES, http_maximum_body_bytes=100_000, http_receive_seconds=1
    ) as api:
        yield api


@pytest.fixture
async def connection(running: RunningApi) -> Wire:  # type: ignore[misc] # a generator, as fixtures are
    async with wire(running.address) as connection:
        yield connection


GARBAGE = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an unknown version": b"GET /graphql HTTP/9.9\r\nHost: test\r\n\r\n",
    "an unknown method": b"BREW /graphql HTTP/1.1\r\nHost: test\r\n\r\n",
    "a space in a header's name": b"GET /livez HTTP/1.1\r\nHost: test\r\nX y: z\r\n\r\n",
    "a line that goes on": b"GET /livez HTTP/1.1\r\nHost: test\r\n folded\r\nX\r\n\r\n",
    "a NUL in a header": b"GET /livez HTTP/1.1\r\nHost: test\r\nX: \x00\r\n\r\n",
    "a lone carriage return": b"GET /livez HTTP/1.1\r\nHost: test\rX: y\r\n\r\n",
    "a length that is none": head("Content-Length: ten") + b"\r\n" + WHO,
    "a negative length": head("Content-Length: -1") + b"\r\n" + WHO,
    "a length beyond all numbers": head("Content-Length: " + "9" * 40) + b"\r\n" + WHO,
    "no path": b"CONNECT test:80 HTTP/1.1\r\nHost: test\r\n\r\n",
    "a path of another alphabet": "GET /gräphql HTTP/1.1\r\nHost: test\r\n\r\n".encode(),
    "a chunk of no size": head("Transfer-Encoding: chunked") + b"\r\nzz\r\n",
    "another coding": head("Transfer-Encoding: gzip") + b"\r\n" + WHO,
}

# What one server takes for the end of a request and another does not, so that the second sees one more.
SMUGGLED = {
    "a length and chunks": head("Content-Length: 5", "Transfer-Encoding: chunked") + b"\r\n0\r\n\r\n" + LIVE,
    "chunks and a length": head("Transfer-Encoding: chunked", "Content-Length: 5") + b"\r\n0\r\n\r\n" + LIVE,
    "two lengths": head(f"Content-Length: {len(WHO)}", "Content-Length: 0") + b"\r\n" + WHO + LIVE,
    "two lengths in one": head(f"Content-Length: {len(WHO)}, 0") + b"\r\n" + WHO + LIVE,
    "chunks that are not the last coding": head("Transfer-Encoding: chunked, identity") + b"\r\n0\r\n\r\n" + LIVE,
    "a space before the colon": head("Content-Length : 0") + b"\r\n" + LIVE,
    "chunks written in another way": head("Transfer-Encoding: xchunked") + b"\r\n0\r\n\r\n" + LIVE,
    "a chunk that is longer than its size": head("Transfer-Encoding: chunked") + b"\r\n1\r\n{}\r\n0\r\n\r\n" + LIVE,
}


@pytest.mark.parametrize("sent", [*GARBAGE.values(), *SMUGGLED.values()], ids=[*GARBAGE, *SMUGGLED])
async def test_what_cannot_be_read_in_one_way_only_is_refused(connection: Wire, sent: bytes) -> None:
    """One answer, which says what is wrong, and the end: whatever follows is not taken for a request."""
    await connection.send(sent)
    answer = await connection.answer()
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["connection"] == "close"
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"]), "the log has it too"
    assert answer.headers["x-content-type-options"] == "nosniff"
    connection.writer.write_eof()
    assert await connection.rest() == b""


TOO_LONG = {
    "a path": b"GET /" + b"x" * HEADER_BYTES + b" HTTP/1.1\r\nHost: test\r\n\r\n",
    "a query": b"GET /graphql?query=" + b"x" * HEADER_BYTES + b" HTTP/1.1\r\nHost: test\r\n\r\n",
    "a header": head("X: " + "x" * HEADER_BYTES) + b"\r\n",
    "many headers": head(*(f"X-{number}: x" for number in range(HEADER_BYTES // 5))) + b"\r\n",
}


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "piece by piece"])
@pytest.mark.parametrize("sent", TOO_LONG.values(), ids=TOO_LONG)
async def test_headers_that_are_too_long_are_refused(connection: Wire, sent: bytes, *, at_once: bool) -> None:
    pieces = [sent] if at_once else [sent[start : start + 1000] for start in range(0, len(sent), 1000)]
    for piece in pieces:
        await connection.send(piece)
        await asyncio.sleep(0)
    answer = await connection.answer()
    assert (answer.status, answer.code) == (431, "HEADERS_TOO_LARGE")
    assert f"{HEADER_BYTES:,}" in answer.json()["errors"][0]["message"]


async def test_headers_within_the_bound_are_taken(connection: Wire) -> None:
    """Also where a body of many times their size comes with them, or many such requests at once."""
    room = HEADER_BYTES - len(head()) - 100
    request = post(WHO + b" " * 50_000, "X: " + "x" * room)
    await connection.send(request * 3)
    for _ in range(3):
        assert (await connection.answer()).data == TESTER


ENDLESS = {
    "a first line": (b"GET /", b"x" * 1000),
    "a header": (b"GET /livez HTTP/1.1\r\nX: ", b"x" * 1000),
    "headers": (b"GET /livez HTTP/1.1\r\n", b"X: xxxxx\r\n" * 100),
    "trailers": (head("Transfer-Encoding: chunked") + b"\r\n" + chunk(WHO) + b"0\r\n", b"X: xxxxx\r\n" * 100),
    "a trailer": (head("Transfer-Encoding: chunked") + b"\r\n" + chunk(WHO) + b"0\r\nX: ", b"x" * 1000),
    "the size of a chunk": (head("Transfer-Encoding: chunked") + b"\r\n1;", b"x" * 1000),
    "empty lines": (b"", b"\r\n" * 500),
}


@pytest.mark.parametrize(("begin", "more"), ENDLESS.values(), ids=ENDLESS)
async def test_what_has_no_end_is_cut_off_while_it_comes(connection: Wire, begin: bytes, more: bytes) -> None:
    """Nothing of it may be collected until it ends."""
    await connection.send(begin)
    sent = 0
    answering = asyncio.ensure_future(connection.answer())
    while not answering.done() and sent < 100 * HEADER_BYTES:
        try:
            await connection.send(more)
        except ConnectionError:
            break
        sent += len(more)
        await asyncio.sleep(0.001)  # for the answer to arrive
    assert sent < 50 * HEADER_BYTES
    assert (await answering).status == 431


@pytest.mark.parametrize("header", [f"Authorization: Bearer {ADMIN_KEY}", "Content-Type: application/json"])
async def test_what_comes_after_the_body_is_no_header(connection: Wire, header: str) -> None:
    """A proxy looks at the headers, and lets pass what is behind the body."""
    known = [f"Authorization: Bearer {ADMIN_KEY}", "Content-Type: application/json"]
    lines = ["POST /graphql HTTP/1.1", "Host: test", "Transfer-Encoding: chunked"]
    lines += [line for line in known if line != header]
    begin = "\r\n".join(lines).encode() + b"\r\n\r\n" + chunk(WHO)
    await connection.send(begin + b"0\r\n" + header.encode() + b"\r\n\r\n")
    assert (await connection.answer()).status in (401, 415)


async def test_requests_that_are_sent_together_are_answered_in_order(connection: Wire) -> None:
    await connection.send(b"".join(post(WHO, f"X-Request-ID: {number}") for number in range(20)))
    answers = [await connection.answer() for _ in range(20)]
    assert [answer.headers["x-request-id"] for answer in answers] == [str(number) for number in range(20)]
    assert all(answer.data == TESTER for answer in answers)


async def test_garbage_after_a_request_does_not_take_its_answer(connection: Wire) -> None:
    """A refusal in the place of the answer would tell a caller that its mutation was not executed."""
    await connection.send(post() + post() + b"garbage\r\n\r\n")
    for _ in range(2):
        assert (await connection.answer()).data == TESTER
    assert await connection.rest() == b""


async def test_garbage_after_an_answer_is_refused(connection: Wire) -> None:
    await connection.send(post())
    assert (await connection.answer()).data == TESTER
    await connection.send(b"garbage\r\n\r\n")
    assert (await connection.answer()).status == 400


async def test_no_more_than_some_requests_wait_on_a_connection(connection: Wire) -> None:
    """Each takes memory, and nothing but the caller's own patience bounded them."""
    await connection.send(post() + LIVE * 10_000)
    assert (await connection.answer()).data == TESTER
    rest = await connection.rest()
    assert 0 < rest.count(b"HTTP/1.1 200") <= 200


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "nonsense"])
async def test_a_wish_for_another_protocol_is_passed_over(connection: Wire, protocol: str) -> None:
    """What follows it is not read, since it may be in that protocol."""
    upgrade = f"Connection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n".encode()
    await connection.send(LIVE.removesuffix(b"\r\n") + upgrade + LIVE)
    answer = await connection.answer()
    assert (answer.json(), answer.headers["connection"]) == ({"status": "ok"}, "close")
    assert await connection.rest() == b""


@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
async def test_a_body_is_not_taken_for_the_next_request(connection: Wire, protocol: str) -> None:
    """The parser leaves it unread where another protocol is wished for."""
    await connection.send(post(LIVE, "Connection: Upgrade", f"Upgrade: {protocol}"))
    answer = await connection.answer()
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")
    assert "Upgrade" in answer.json()["errors"][0]["message"]
    connection.writer.write_eof()
    assert await connection.rest() == b""


async def test_a_caller_may_wait_to_be_asked_for_the_body(connection: Wire) -> None:
    await connection.send(head(f"Content-Length: {len(WHO)}", "Expect: 100-continue") + b"\r\n")
    async with asyncio.timeout(PATIENCE):
        assert b" 100 " in await connection.reader.readuntil(b"\r\n\r\n")
    await connection.send(WHO)
    assert (await connection.answer()).data == TESTER


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from([b"\r\n", b": ", b"GET /graphql HTTP/1.1", b"Host: x", b"Content-Length: 3", b"0", b"{}"])
        | st.binary(max_size=20),
        min_size=1,
        max_size=30,
    )
)
def test_no_bytes_do_harm(running: RunningApi, pieces: list[bytes]) -> None:
    """Whatever is sent, what comes back is nothing or HTTP, never a defect, and the server goes on."""

    async def ask() -> bytes:
        async with wire(running.address) as connection:
            await connection.send(b"".join(pieces))
            connection.writer.write_eof()
            return await connection.rest()

    answer = asyncio.run(ask())
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
    assert b"HTTP/1.1 5" not in answer
    assert running.client.get(f"{running.address}/livez").status_code == 200
