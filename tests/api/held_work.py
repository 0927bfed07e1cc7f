"""Work that the database is kept from doing, and looking at what becomes of it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from tests.api.processes import fetch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.running_api import RunningApi

POOL = 2
CREATE = """mutation {
  createTeam(input: {displayName: "Held", platformName: "Held"}) {
    ... on CreateTeamSuccess { issuedApiKey { secret } }
  }
}"""
COUNT = "{ teams { totalCount } }"
OURS = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'platform-config-api'"
WAITING = "wait_event_type = 'Lock'"
# PostgreSQL itself gives a lock up after 3 seconds, which must not be what ended a wait.
SOON = 2.5

# Tables, and what has to wait for them: a root query, the batch of a loader, that of a field below, a transaction.
WORK = {
    "a root query": ("teams", COUNT),
    "a loader": ("teams", '{ team(by: {platformName: "Held"}) { id } }'),
    "two loaders": (
        "teams",
        '{ a: team(by: {platformName: "Held"}) { id } b: team(by: {displayName: "Held"}) { id } }',
    ),
    "a loader below": ("api_keys", "{ teams { nodes { apiKeys { nodes { name } } sessions { nodes { userId } } } } }"),
    "a mutation": ("teams", 'mutation { updateTeam(input: {id: "VGVhbTox", dailyQuota: 7}) { __typename } }'),
    "the payload of a mutation": (
        "api_keys",
        """mutation {
          updateTeam(input: {id: "VGVhbTox", dailyQuota: 8}) {
            ... on UpdateTeamSuccess { team { apiKeys { totalCount } } }
          }
        }""",
    ),
}


@asynccontextmanager
async def held(database: str, table: str) -> AsyncIterator[None]:
    """Keep everybody from a table."""
    connection = await asyncpg.connect(database)
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def until_waiting(database: str, *, anybody: bool) -> None:
    """Wait until some of our connections wait for a lock, or none does."""
    async with asyncio.timeout(SOON):
        while True:
            if bool(await fetch(database, f"SELECT pid {OURS} AND {WAITING}")) == anybody:
                return
            await asyncio.sleep(0.01)


async def assert_nothing_is_lost(api: RunningApi, database: str) -> None:
    """All of the pool serves, and no connection is more than the pool has, or in the middle of something."""
    answers = await asyncio.gather(*(asyncio.to_thread(api.post, COUNT) for _ in range(POOL * 3)))
    assert [answer.status_code for answer in answers] == [200] * (POOL * 3)
    async with asyncio.timeout(SOON):
        while True:
            states = [row["state"] for row in await fetch(database, f"SELECT state {OURS}")]
            if len(states) <= POOL and set(states) <= {"idle"}:
                return
            await asyncio.sleep(0.01)
