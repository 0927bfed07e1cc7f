"""Bodies have a bound, and no more than that is ever kept of one."""

from __future__ import annotations

import asyncio
import gc
import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from domain.message import CONTENT_MAXIMUM_LENGTH
from graphql_api import body
from graphql_api.settings import Settings
from tests.api.raw_http import PATIENCE, TESTER, WHO, Answer, Wire, chunk, head, post, wire
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

MAXIMUM = 50_000
OPEN = """mutation {
  openSession(input: {platform: "telegram", userId: "u"}) { ... on OpenSessionSuccess { session { id } } }
}"""
APPEND = """mutation ($id: ID!, $content: String!) {
  appendMessages(input: {sessionId: $id, messages: [{role: USER, content: $content}]}) {
    ... on AppendMessagesSuccess { messages { content } }
    ... on UserError { message }
  }
}"""


@pytest.fixture(scope="module")
def running(module_database: str) -> Iterator[RunningApi]:
    """A server that takes little."""
    with running_api(module_database, http_maximum_body_bytes=MAXIMUM) as api:
        yield api


def body_of(size: int) -> bytes:
    return WHO + b" " * (size - len(WHO))


async def test_a_body_of_the_maximum_is_taken(running: RunningApi) -> None:
    async with wire(running.address) as connection:
        await connection.send(post(body_of(MAXIMUM)))
        assert (await connection.answer()).data == TESTER
        await connection.send(head("Transfer-Encoding: chunked") + b"\r\n" + chunk(body_of(MAXIMUM)) + chunk(b""))
        assert (await connection.answer()).data == TESTER


@pytest.mark.parametrize("key", ["right", "wrong"])
async def test_a_size_that_is_announced_is_refused_at_once(running: RunningApi, key: str) -> None:
    """Before a byte of the body is there, and whoever sends it."""
    keys = {"key": "wrong"} if key == "wrong" else {}
    async with wire(running.address) as connection:
        await connection.send(head(f"Content-Length: {MAXIMUM + 1}", **keys) + b"\r\n")
        answer = await connection.answer()
    assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")
    assert f"{MAXIMUM:,}" in answer.json()["errors"][0]["message"]


async def test_a_client_that_sends_it_all_the_same_gets_the_refusal(running: RunningApi) -> None:
    """It writes first and reads then, as most do; what it sends goes nowhere, and the connection stays in step."""
    async with wire(running.address) as connection:
        await connection.send(post(body_of(MAXIMUM * 20)) + post())
        assert (await connection.answer()).status == 413
        assert (await connection.answer()).data == TESTER


async def test_all_bodies_together_are_bounded(module_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has a key could fill the memory by as many connections as there may be."""
    monkeypatch.setattr(body, "BODIES_MAXIMUM_BYTES", MAXIMUM)
    almost = body_of(MAXIMUM - 100)
    with running_api(module_database, http_maximum_body_bytes=MAXIMUM) as api:
        async with wire(api.address) as first, wire(api.address) as second:
            await first.send(head(f"Content-Length: {len(almost)}") + b"\r\n" + almost[:-1])

            async def refusal() -> Answer:
                # Until all of the first has come.
                while (answer := await ask(second, 102)).status == 200:
                    pass
                return answer

            answer = await asyncio.wait_for(refusal(), PATIENCE)
            assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "OVERLOADED", "1")
            assert (await ask(second, 50)).data == TESTER
            await first.send(almost[-1:])
            assert (await first.answer()).data == TESTER
            assert (await ask(second, 102)).data == TESTER


async def ask(connection: Wire, size: int) -> Answer:
    await connection.send(post(body_of(size)))
    return await connection.answer()


async def test_chunks_are_counted_while_they_come(running: RunningApi) -> None:
    async with wire(running.address) as connection:
        await connection.send(head("Transfer-Encoding: chunked") + b"\r\n")
        answering = asyncio.ensure_future(connection.answer())
        sent = 0
        while not answering.done() and sent < MAXIMUM * 100:
            await connection.send(chunk(b" " * 1000))
            sent += 1000
            await asyncio.sleep(0.0005)  # for the answer to arrive
        answer = await answering
    assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")
    assert sent < MAXIMUM * 10


async def test_nothing_is_kept_of_what_is_too_much(running: RunningApi) -> None:
    """The server runs in this process, so what it keeps is seen."""
    piece = chunk(b" " * 1000) * 100
    gc.collect()
    tracemalloc.start()
    try:
        for key in ("test-admin-key-0123456789", "wrong"):
            async with wire(running.address) as connection:
                await connection.send(head("Transfer-Encoding: chunked", key=key) + b"\r\n")
                for _ in range(100):
                    await connection.send(piece)
                await connection.answer()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000, "of 20,000,000 that were sent"


@pytest.mark.parametrize("ascii_only", [False, True], ids=["UTF-8", "escapes"])
def test_the_longest_message_fits(api: RunningApi, *, ascii_only: bool) -> None:
    """In characters that take the most bytes, however its JSON is written; a hundred of them need a higher bound."""
    session = api.execute(OPEN)["openSession"]["session"]["id"]
    content = "\N{GRINNING FACE}" * CONTENT_MAXIMUM_LENGTH
    variables: dict[str, Any] = {"id": session, "content": content}
    body = json.dumps({"query": APPEND, "variables": variables}, ensure_ascii=ascii_only).encode()
    assert len(body) < Settings.model_fields["http_maximum_body_bytes"].default
    response = api.client.post(
        f"{api.address}/graphql",
        content=body,
        headers={"Authorization": f"Bearer {api.key}", "Content-Type": "application/json"},
    )
    assert response.json()["data"] == {"appendMessages": {"messages": [{"content": content}]}}
