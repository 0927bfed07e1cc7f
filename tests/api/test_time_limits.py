"""What somebody else holds in the database holds up whoever asks for it, and nobody else."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import asyncpg

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
