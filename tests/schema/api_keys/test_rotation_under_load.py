"""A key gets its new secret although other programs never stop writing by it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg

from tests.schema.teams.documents import create, run
from tests.schema.teams.rows import row_id

if TYPE_CHECKING:
    from tests.running_api import RunningApi

WRITERS = 12
# As a row that names the key does it; the transaction lasts for a while, as those of other programs do.
BY_THE_KEY = "BEGIN; SELECT FROM api_keys WHERE id = {} FOR KEY SHARE; SELECT pg_sleep(0.05); COMMIT"


async def test_a_rotation_gets_its_turn_among_writers_who_overtake_each_other(api: RunningApi, database: str) -> None:
    issued = create(api)["issuedApiKey"]["apiKey"]
    connections = await asyncio.gather(*(asyncpg.connect(database) for _ in range(WRITERS)))
    rotated = asyncio.Event()

    async def write(connection: asyncpg.Connection) -> int:
        count = 0
        while not rotated.is_set():
            await connection.execute(BY_THE_KEY.format(row_id(issued["id"])))
            count += 1
        return count

    writers = [asyncio.create_task(write(connection)) for connection in connections]
    try:
        result = await asyncio.to_thread(run, api, "rotateApiKey", id=issued["id"])
    finally:
        rotated.set()
        written = await asyncio.gather(*writers)
        for connection in connections:
            await connection.close()
    assert result["__typename"] == "RotateApiKeySuccess"
    assert all(written), "none of the writers was refused, and each went on"
