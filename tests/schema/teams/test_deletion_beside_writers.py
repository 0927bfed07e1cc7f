"""A team is deleted although other programs are in the way, and with no more work than it takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from tests.api.processes import fetch, wait_for
from tests.conftest import run_sql
from tests.schema.teams.documents import create, run, team_of
from tests.schema.teams.rows import row_id, rows

if TYPE_CHECKING:
    from tests.running_api import RunningApi

BLOCKED = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def _is_held_up(database: str) -> bool:
    """Tell whether somebody waits for a lock."""
    return bool(asyncio.run(fetch(database, BLOCKED)))


@pytest.mark.parametrize("first", ["api_keys", "teams"])
async def test_a_deletion_outlives_a_deadlock_with_another_program(api: RunningApi, database: str, first: str) -> None:
    """A usage log looks at its key and then at its team, a message the other way round; no order avoids both."""
    created = create(api)
    ids = {"teams": row_id(created["team"]["id"]), "api_keys": row_id(created["issuedApiKey"]["apiKey"]["id"])}
    (second,) = ids.keys() - {first}
    other = await asyncpg.connect(database)
    hold = "SELECT FROM {} WHERE id = $1 FOR KEY SHARE"
    try:
        transaction = other.transaction()
        await transaction.start()
        await other.execute(hold.format(first), ids[first])
        deletion = asyncio.create_task(asyncio.to_thread(run, api, "deleteTeam", id=created["team"]["id"], force=True))
        await asyncio.to_thread(wait_for, lambda: _is_held_up(database), "the deletion to be held up")
        try:
            await other.execute(hold.format(second), ids[second])
            await transaction.commit()
        except asyncpg.DeadlockDetectedError:
            await transaction.rollback()
        result: dict[str, Any] = await deletion
    finally:
        await other.close()
    assert result["__typename"] == "DeleteTeamSuccess"
    assert team_of(api, created["team"]["id"]) is None


def test_the_messages_of_the_team_itself_are_deleted_and_not_changed_before(api: RunningApi, database: str) -> None:
    """They may be hundreds of thousands, and a change of each costs more time than there is."""
    created, other = create(api, "one"), create(api, "other")
    key = row_id(created["issuedApiKey"]["apiKey"]["id"])
    of = "INSERT INTO messages (platform, user_id, team_id, api_key_id, role, content)"
    run_sql(
        database,
        *(f"{of} VALUES ('p', 'u', {row_id(team['team']['id'])}, {key}, 'user', '')" for team in (created, other)),
        "CREATE TABLE changed (team_id integer)",
        "CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO changed VALUES (new.team_id); RETURN new; END'",
        "CREATE TRIGGER note_change BEFORE UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION note_change()",
    )
    try:
        assert run(api, "deleteTeam", id=created["team"]["id"], force=True)["__typename"] == "DeleteTeamSuccess"
        changed = rows(database, "SELECT team_id FROM changed")
    finally:
        run_sql(database, "DROP TRIGGER note_change ON messages", "DROP FUNCTION note_change", "DROP TABLE changed")
    assert changed == [{"team_id": row_id(other["team"]["id"])}]
