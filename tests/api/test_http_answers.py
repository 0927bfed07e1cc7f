"""An answer is sent at once: its head is of no use without its body, and would wake the caller for nothing."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from graphql import get_introspection_query

from tests.api.processes import ADMIN_KEY, serving
from tests.api.raw_http import PATIENCE, TESTER, Wire, head, post, wire
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.running_api import RunningApi


@pytest.fixture(scope="module")
def running(module_database: str) -> Iterator[RunningApi]:
    """A server for all tests of the module."""
    with running_api(module_database) as api:
        yield api


@pytest.fixture
async def connection(running: RunningApi) -> Wire:  # type: ignore[misc] # a generator, as fixtures are
    async with wire(running.address) as connection:
        yield connection


def test_head_and_body_come_together(tmp_path: Path, migrated_database: str) -> None:
    """Whoever reads as soon as there is anything to read has the whole answer, each time."""
    # A process of its own: in this one, nobody would read between two writes.
    with serving(tmp_path, DATABASE_URL=migrated_database, SUPER_ADMIN_API_KEYS=f"ops:{ADMIN_KEY}") as server:
        url = urlsplit(server.address)
        with socket.create_connection((url.hostname, url.port), PATIENCE) as connection:
            for _ in range(100):
                connection.sendall(post(key=ADMIN_KEY))
                _, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
                assert json.loads(body)["data"] == {"viewer": {"name": "ops"}}


async def test_a_head_that_has_no_body_is_sent_all_the_same(connection: Wire) -> None:
    for _ in range(3):
        await connection.send(head(method="HEAD", target="/livez") + b"\r\n")
        async with asyncio.timeout(PATIENCE):
            assert (await connection.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    await connection.send(post())
    assert (await connection.answer()).data == TESTER


async def test_the_last_head_is_sent_before_the_connection_is_closed(connection: Wire) -> None:
    await connection.send(head("Connection: close", method="HEAD", target="/livez") + b"\r\n")
    assert (await connection.rest()).startswith(b"HTTP/1.1 200 ")


async def test_large_answers_and_small_ones_follow_each_other(connection: Wire) -> None:
    schema = post(json.dumps({"query": get_introspection_query()}).encode())
    for _ in range(2):
        await connection.send(schema)
        large = await connection.answer()
        assert len(large.body) > 100_000
        assert large.data["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}
        await connection.send(post())
        assert (await connection.answer()).data == TESTER
