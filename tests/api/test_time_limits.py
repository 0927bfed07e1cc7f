"""What somebody else holds in the database, or works too long, holds up whoever asks for it, and nobody else."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import asyncpg
import pytest

from db.engine import SERVING_LIMITS
from tests.api.processes import fetch
from tests.conftest import run_sql
from tests.pooled import POOLED
from tests.running_api import running_api

if TYPE_CHECKING:
    from tests.running_api import RunningApi

CREATE = 'mutation { createTeam(input: {displayName: "Held", platformName: "Held"}) { __typename } }'
UPDATE = 'mutation { updateTeam(input: {id: "VGVhbTox", dailyQuota: 7}) { __typename } }'
POOL = 2


async def hold_the_team_during(address: str, api: RunningApi) -> list[int]:
    """Keep the team's row locked while more changes of it are asked for than there are connections."""
    connection = await asyncpg.connect(address)
    try:
        async with connection.transaction():
            await connection.execute("SELECT 1 FROM teams WHERE id = 1 FOR UPDATE")
            with ThreadPoolExecutor(POOL) as callers:
                loop = asyncio.get_running_loop()
                asked = [loop.run_in_executor(callers, api.post, UPDATE) for _ in range(POOL)]
                return [(await response).status_code for response in asked]
    finally:
        await connection.close()


def test_a_row_that_is_held_gives_its_connections_back(migrated_database: str) -> None:
    with running_api(migrated_database, database_pool_size=POOL) as api:
        api.execute(CREATE)
        assert asyncio.run(hold_the_team_during(migrated_database, api)) == [503] * POOL
        assert api.execute("{ teams { totalCount } }") == {"teams": {"totalCount": 1}}
        assert api.execute(UPDATE) == {"updateTeam": {"__typename": "UpdateTeamSuccess"}}


WORKS_FOR_LONG = {
    "a read": ("ALTER TABLE teams RENAME TO real", "CREATE VIEW teams AS SELECT real.* FROM real, pg_sleep(60)"),
    "a change": (
        "CREATE FUNCTION work() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'",
        "CREATE TRIGGER work BEFORE INSERT ON teams FOR EACH ROW EXECUTE FUNCTION work()",
    ),
}


@pytest.mark.parametrize("kind", WORKS_FOR_LONG)
def test_a_statement_that_works_too_long_is_ended_by_postgresql(
    migrated_database: str, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Not by the deadline of the request, and not only for this side: it waits for no lock, it works."""
    if POOLED and kind == "a read":
        pytest.skip("Behind a pooler a read has the limit of this side: tests/faults/test_pgbouncer.py")
    monkeypatch.setitem(SERVING_LIMITS, "statement_timeout", "300ms")
    with running_api(migrated_database) as api:
        run_sql(migrated_database, *WORKS_FOR_LONG[kind])
        response = api.post("{ teams { totalCount } }" if kind == "a read" else CREATE)
        assert response.status_code == 503, response.text
        assert {error["extensions"]["code"] for error in response.json()["errors"]} == {"UNAVAILABLE"}
        asleep = fetch(migrated_database, "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        assert asyncio.run(asleep) == []
        assert api.post("{ viewer { name } }").status_code == 200
