"""A session that nobody owned becomes a key's, and stands in no circle with whoever deletes the team."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg

from tests.api.processes import fetch, wait_for
from tests.schema.sessions.documents import opened, succeed
from tests.schema.teams.documents import create
from tests.schema.teams.rows import row_id

if TYPE_CHECKING:
    from tests.running_api import RunningApi

BLOCKED = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def test_an_opening_holds_nothing_that_a_deletion_still_needs(api: RunningApi, database: str) -> None:
    created = await asyncio.to_thread(create, api)
    team, key = created["team"]["id"], api.by(created["issuedApiKey"]["secret"])
    unowned = await asyncio.to_thread(opened, api, teamId=team)
    assert unowned["apiKey"] is None
    deletion = await asyncpg.connect(database)
    try:
        await deletion.execute("BEGIN")
        await deletion.execute("SELECT FROM teams WHERE id = $1 FOR UPDATE", row_id(team))
        await deletion.execute("SELECT FROM api_keys WHERE team_id = $1 FOR UPDATE", row_id(team))
        opening = asyncio.create_task(asyncio.to_thread(succeed, key, "openSession", userId=unowned["userId"]))
        await asyncio.to_thread(wait_for, lambda: bool(asyncio.run(fetch(database, BLOCKED))), "the opening to wait")
        # A deadlock would end one of the two here.
        await deletion.execute("DELETE FROM chat_sessions WHERE team_id = $1", row_id(team))
        await deletion.execute("ROLLBACK")
        session = (await opening)["session"]
    finally:
        await deletion.close()
    assert (session["id"], session["apiKey"]["id"]) == (unowned["id"], created["issuedApiKey"]["apiKey"]["id"])
