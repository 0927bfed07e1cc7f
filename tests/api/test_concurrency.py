"""Many callers at once, and callers who leave: neither costs anybody else an answer."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx
import pytest

from tests.api.processes import ADMIN_KEY, Server, fetch, serving, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POOL_SIZE = 5
CREATE = """mutation ($name: String!) {
  createTeam(input: {displayName: $name, platformName: $name}) { __typename }
}"""
TEAMS = "{ teams(first: 3) { totalCount nodes { displayName effectiveConfig { model } apiKeys { nodes { name } } } } }"
OURS = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'platform-config-api'"


@pytest.fixture
def server(tmp_path: Path, migrated_database: str) -> Iterator[Server]:
    """A server of its own with few connections, so that callers have to wait for each other."""
    with serving(
        tmp_path,
        DATABASE_URL=migrated_database,
        SUPER_ADMIN_API_KEYS=f"ops:{ADMIN_KEY}",
        DATABASE_POOL_SIZE=str(POOL_SIZE),
        WRONG_KEYS_PER_MINUTE="1000",
        LOG_FORMAT="json",
    ) as server:
        yield server


def assert_healthy(server: Server, database: str) -> None:
    """It serves, holds no more connections than allowed, leaves none in a transaction, and found no defect."""
    assert server.get("/readyz").status_code == 200
    # More than the pool holds: a connection that was lost to it would be missed.
    for _ in range(POOL_SIZE + 2):
        server.execute(TEAMS)

    def settled() -> bool:
        states = [row["state"] for row in asyncio.run(fetch(database, f"SELECT state {OURS}"))]
        return len(states) <= POOL_SIZE and set(states) <= {"idle"}

    wait_for(settled, "all connections to be idle")
    errors = [line for line in server.said.splitlines() if '"level":"error"' in line or '"level":"critical"' in line]
    assert errors == []


def test_two_hundred_at_once_all_get_their_answer(server: Server, migrated_database: str) -> None:
    """Reads, writes, mistakes and strangers, over twenty times as many connections as the pool has."""
    kinds: list[tuple[str, str, dict[str, Any], int, str]] = [
        (ADMIN_KEY, TEAMS, {}, 200, "data"),
        (ADMIN_KEY, "{ viewer { name } }", {}, 200, "data"),
        (ADMIN_KEY, '{ platformConfig(platform: "telegram") { config { model } } }', {}, 200, "data"),
        (ADMIN_KEY, CREATE, {}, 200, "data"),
        (ADMIN_KEY, "{ nope }", {}, 400, "errors"),
        ("ak_unknown", TEAMS, {}, 401, "errors"),
    ]

    async def ask(client: httpx.AsyncClient, number: int) -> None:
        key, document, variables, status, member = kinds[number % len(kinds)]
        if document == CREATE:
            variables = {"name": f"team {number}"}
        response = await client.post(
            f"{server.address}/graphql",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {key}", "Accept": "application/graphql-response+json"},
        )
        assert response.status_code == status, response.text
        assert set(response.json()) - {"extensions"} == {member}, response.text

    async def ask_all() -> None:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(timeout=60, limits=limits) as client, asyncio.TaskGroup() as group:
            for number in range(200):
                group.create_task(ask(client, number))

    asyncio.run(ask_all())
    created = sum(1 for number in range(200) if kinds[number % len(kinds)][1] == CREATE)
    assert server.execute("{ teams { totalCount } }") == {"teams": {"totalCount": created}}
    assert_healthy(server, migrated_database)


def open_request(server: Server, body: bytes, *, announced: int | None = None) -> socket.socket:
    """Send a request and leave the answer unread; `announced` may promise more bytes than are sent."""
    host, port = server.address.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {ADMIN_KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {announced or len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    return connection


def hang_up(connection: socket.socket, *, rudely: bool) -> None:
    """Close a connection: politely, or with a reset as a process does that was killed."""
    if rudely:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("rudely", [False, True], ids=["politely", "rudely"])
def test_callers_who_leave_early_harm_nobody(server: Server, migrated_database: str, *, rudely: bool) -> None:
    body = json.dumps({"query": TEAMS}).encode()
    for number in range(30):
        # In the middle of their request, right after it, and before they are known.
        hang_up(open_request(server, body[: len(body) // 2], announced=len(body)), rudely=rudely)
        hang_up(open_request(server, body), rudely=rudely)
        hang_up(
            open_request(server, json.dumps({"query": CREATE, "variables": {"name": str(number)}}).encode()),
            rudely=rudely,
        )
    assert_healthy(server, migrated_database)


def test_a_caller_who_leaves_while_the_database_works_loses_no_connection(
    server: Server, migrated_database: str
) -> None:
    """The statement goes on in PostgreSQL; its connection has to come back to the pool all the same."""
    waiting = f"SELECT pid {OURS} AND wait_event_type = 'Lock'"
    with asyncio.Runner() as runner:
        holder = runner.run(asyncpg.connect(migrated_database))
        try:
            runner.run(holder.execute("BEGIN; LOCK TABLE teams IN ACCESS EXCLUSIVE MODE"))
            connections = [open_request(server, json.dumps({"query": TEAMS}).encode()) for _ in range(POOL_SIZE)]
            try:
                wait_for(lambda: len(runner.run(fetch(migrated_database, waiting))) == POOL_SIZE, "all to be waiting")
            finally:
                for connection in connections:
                    hang_up(connection, rudely=True)
        finally:
            runner.run(holder.close())
    assert_healthy(server, migrated_database)
