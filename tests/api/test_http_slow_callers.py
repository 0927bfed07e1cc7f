"""Callers who send slowly, or not at all, are cut off."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from graphql_api import log_context
from tests.api.held_work import COUNT, held, until_waiting
from tests.api.raw_http import TESTER, WHO, chunk, head, post, wire
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, MutableMapping

    from tests.running_api import RunningApi

SECONDS = 0.3


@pytest.fixture(scope="module")
def running(module_database: str) -> Iterator[RunningApi]:
    """A server with little patience."""
    with running_api(module_database, http_receive_seconds=SECONDS) as api:
        yield api


UNFINISHED = {
    "part of the first line": b"POST /gra",
    "part of the headers": head("X-Part: on"),
    "a header without end": head() + b"X-Part: " + b"x" * 100,
    "no body": head("Content-Length: 10") + b"\r\n",
    "part of the body": post()[:-1],
    "no chunk": head("Transfer-Encoding: chunked") + b"\r\n",
    "no last chunk": head("Transfer-Encoding: chunked") + b"\r\n" + chunk(WHO),
}


@pytest.mark.parametrize("sent", UNFINISHED.values(), ids=UNFINISHED)
async def test_a_request_that_does_not_come_to_its_end_is_refused(running: RunningApi, sent: bytes) -> None:
    loop = asyncio.get_running_loop()
    async with wire(running.address) as connection:
        began = loop.time()
        await connection.send(sent)
        answer = await connection.answer()
        assert (answer.status, answer.code) == (408, "REQUEST_TIMEOUT")
        assert answer.headers["connection"] == "close"
        assert "HTTP_RECEIVE_SECONDS" in answer.body.decode()
        assert SECONDS <= loop.time() - began < SECONDS + 2
        assert await connection.rest() == b""


@contextmanager
def logged(running: RunningApi) -> Iterator[list[MutableMapping[str, Any]]]:
    """Give what is logged about the requests inside."""
    with capture_logs(processors=[log_context.add_request]) as lines:
        yield lines
        # What the requests before it are still to write is written before this one is answered.
        running.client.get(f"{running.address}/livez")


def assert_logged_once(lines: Iterable[MutableMapping[str, Any]], request_id: str, status: int) -> None:
    # Others may be of the tests before.
    assert [line.get("status") for line in lines if line["request_id"] == request_id] == [status]
    assert "A request was refused." not in [line["event"] for line in lines]


@pytest.mark.parametrize("body", ["no body", "part of the body", "no last chunk"])
async def test_a_refused_body_is_logged_once_under_the_id_of_its_request(running: RunningApi, body: str) -> None:
    """And with what the caller was told: it did not leave."""
    with logged(running) as lines:
        async with wire(running.address) as connection:
            first, rest = UNFINISHED[body].split(b"\r\n", 1)
            await connection.send(first + b"\r\nX-Request-ID: mine\r\n" + rest)
            answer = await connection.answer()
            assert (answer.status, answer.headers["x-request-id"]) == (408, "mine")
            assert await connection.rest() == b""
    assert_logged_once(lines, "mine", 408)


@pytest.mark.parametrize(("method", "target"), [("POST", "/graphql"), ("PUT", "/graphql"), ("GET", "/nothing")])
async def test_a_chunk_that_cannot_be_read_is_logged_once_too(running: RunningApi, method: str, target: str) -> None:
    """Though the connection refuses it before the application has begun with the request, whatever that would say."""
    with logged(running) as lines:
        async with wire(running.address) as connection:
            asked = head("Transfer-Encoding: chunked", method=method, target=target)
            await connection.send(asked + b"\r\nno number\r\n")
            answer = await connection.answer()
            assert answer.status == 400
            assert await connection.rest() == b""
    assert_logged_once(lines, answer.headers["x-request-id"], 400)


async def test_a_request_that_was_answered_is_not_logged_again(running: RunningApi) -> None:
    """Its body is still awaited when the time for it is over."""
    with logged(running) as lines:
        async with wire(running.address) as connection:
            await connection.send(head("Content-Length: 10", key="wrong") + b"\r\n")
            answer = await connection.answer()
            assert answer.status == 401
            assert await connection.rest() == b""
    assert_logged_once(lines, answer.headers["x-request-id"], 401)


@pytest.mark.parametrize("drip", [b"x", b"\r\n"], ids=["a header", "empty lines"])
async def test_sending_a_little_now_and_then_buys_no_time(running: RunningApi, drip: bytes) -> None:
    """The limit is for the whole, not for the pause between two bytes; empty lines begin no request."""
    async with wire(running.address) as connection:
        if drip == b"x":
            await connection.send(head() + b"X-Drip: ")

        async def go_on() -> None:
            while True:
                await connection.send(drip)
                await asyncio.sleep(SECONDS / 5)  # the pace is the subject

        dripping = asyncio.ensure_future(go_on())
        try:
            async with asyncio.timeout(SECONDS * 10):
                await connection.rest()
        finally:
            dripping.cancel()


async def test_a_connection_on_which_nothing_is_sent_is_closed(running: RunningApi) -> None:
    async with wire(running.address) as connection:
        assert await connection.rest() == b""


async def test_an_idle_connection_that_was_used_stays_open(running: RunningApi) -> None:
    """As long as proxies keep theirs, who would send the next request on it."""
    async with wire(running.address) as connection:
        for _ in range(2):
            await connection.send(post())
            assert (await connection.answer()).data == TESTER
            await asyncio.sleep(SECONDS * 1.5)  # longer than for sending a request, and nothing happens
        await connection.send(post())
        assert (await connection.answer()).data == TESTER


async def test_an_idle_connection_is_closed_in_the_end_and_one_that_works_is_not(module_database: str) -> None:
    """Idle is only who was answered and sends nothing: neither a request that takes longer, nor those behind it."""
    with running_api(module_database, keep_alive=1) as running:
        async with wire(running.address) as connection:
            await connection.send(post())
            assert (await connection.answer()).data == TESTER
            async with held(module_database, "teams"):
                await connection.send(post(json.dumps({"query": COUNT}).encode()) * 2)
                await until_waiting(module_database, anybody=True)
                await asyncio.sleep(1.5)  # longer than it may be idle
            for _ in range(2):
                assert (await connection.answer()).data == {"teams": {"totalCount": 0}}
            answered = asyncio.get_running_loop().time()
            assert await connection.rest() == b""
            assert 0.5 < asyncio.get_running_loop().time() - answered < 5


async def test_empty_lines_after_a_request_do_not_hold_a_connection(running: RunningApi) -> None:
    async with wire(running.address) as connection:
        await connection.send(post())
        await connection.answer()
        await connection.send(b"\r\n")
        await connection.rest()


async def test_a_body_for_a_request_that_was_refused_is_not_waited_for(running: RunningApi) -> None:
    async with wire(running.address) as connection:
        await connection.send(head("Content-Length: 10", key="wrong") + b"\r\n")
        assert (await connection.answer()).status == 401
        assert await connection.rest() == b""


BEHIND = {
    "part of the headers": head(),
    "part of the body": post()[:-1],
    "garbage": b"garbage\r\n\r\n",
}


@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
async def test_a_request_is_answered_whatever_comes_behind_it(
    running: RunningApi, module_database: str, behind: bytes
) -> None:
    """It may be a mutation, and takes longer than there is time for sending the next one."""
    async with wire(running.address) as connection:
        async with held(module_database, "teams"):
            await connection.send(post(json.dumps({"query": COUNT}).encode()) + behind)
            await until_waiting(module_database, anybody=True)
            await asyncio.sleep(SECONDS * 2)  # until the time for sending is over
        answer = await connection.answer()
        assert answer.data == {"teams": {"totalCount": 0}}
        assert await connection.rest() == b""
