"""The sessions of older messages are made in batches, while others go on writing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from migrations import runner
from tests.migrations.batches import Stopped, between_batches, kill_after, make_batches_small, statements_of, stop_after
from tests.migrations.rows import execute, select
from tests.migrations.usage import OWNERS, connected

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

NOTING = "c9d24e8a617f"
MADE = "5b8e1f70d3a9"
OLDER = 100
DONE = "SELECT done, boundary FROM platform_config_backfill WHERE name = 'messages'"
CONTRADICTIONS = """
    SELECT platform, team_id, user_id FROM (
        SELECT platform, coalesce(team_id, 0) AS team_id, user_id, min(created_at) AT TIME ZONE 'UTC' AS created_at,
            max(created_at) AT TIME ZONE 'UTC' AS last_activity_at
        FROM messages GROUP BY platform, team_id, user_id
    ) AS expected FULL JOIN (
        SELECT platform, coalesce(team_id, 0) AS team_id, user_id, created_at, last_activity_at FROM chat_sessions
    ) AS found USING (platform, team_id, user_id)
    WHERE expected.created_at IS DISTINCT FROM found.created_at
        OR expected.last_activity_at IS DISTINCT FROM found.last_activity_at
"""


@pytest.fixture
async def populated(existing: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> AsyncEngine:
    """A database with messages of several conversations, not in the order of their time; the batches are small."""
    make_batches_small(monkeypatch)
    await execute(
        existing,
        *OWNERS,
        "INSERT INTO messages (team_id, api_key_id, platform, user_id, role, content, created_at)"  # noqa: S608 - a number
        " SELECT nullif(number % 3, 0), CASE WHEN number > 50 THEN 1 + number % 2 END, 'one', 'user ' || number % 4,"
        " 'user', 'hello', timestamp '2026-01-01' + (number * 37 % 100) * interval '1 hour'"
        f" FROM generate_series(1, {OLDER}) AS number",
    )
    return existing


async def test_messages_of_many_batches_make_one_session_for_each_conversation(populated: AsyncEngine) -> None:
    await runner.upgrade(populated, report=print)
    assert await select(populated, "SELECT count(*) FROM chat_sessions") == [(12,)]
    assert await select(populated, CONTRADICTIONS) == []


@pytest.mark.parametrize("batches", [0, 1, 9])
async def test_a_stopped_migration_goes_on_where_it_was(populated: AsyncEngine, batches: int) -> None:
    with pytest.raises(Stopped):
        await runner.upgrade(populated, report=stop_after(batches))
    ((done, boundary),) = await select(populated, DONE)
    assert (max(done, 0), boundary) == (batches * 10, OLDER)
    await runner.upgrade(populated, report=print)
    assert await select(populated, CONTRADICTIONS) == []


async def test_a_killed_migration_goes_on_where_it_was(url: URL, populated: AsyncEngine) -> None:
    await execute(
        populated,
        "INSERT INTO messages (platform, user_id, role, content, created_at)"
        " SELECT 'two', 'user ' || number % 7, 'user', '', timestamp '2026-02-01' + number * interval '1 minute'"
        " FROM generate_series(1, 5000) AS number",
    )
    await kill_after(url, 3)
    ((done, boundary),) = await select(populated, DONE)
    assert 0 < done < boundary
    await runner.upgrade(populated, report=print)
    assert await select(populated, CONTRADICTIONS) == []


async def test_what_others_write_between_the_batches_shows_up(url: URL, populated: AsyncEngine) -> None:
    inserted = "INSERT INTO messages (id, team_id, platform, user_id, role, content, created_at) VALUES"
    statements = (
        f"{inserted} (1001, 1, 'one', 'user 1', 'user', '', '2026-03-01')",
        f"{inserted} (1002, 2, 'one', 'new', 'user', '', '2026-03-01')",
        f"{inserted} (-5, NULL, 'one', 'drawn long ago', 'user', '', '2026-03-01')",
        "UPDATE messages SET platform = 'moved' WHERE id > 90",
    )
    await runner.upgrade(populated, NOTING, report=print)
    await runner.upgrade(populated, report=between_batches(url, statements))
    found = await select(populated, "SELECT platform, user_id FROM chat_sessions")
    assert {("one", "new"), ("one", "drawn long ago"), ("moved", "user 3")} < set(found)
    missing = (
        "SELECT platform, team_id, user_id FROM messages EXCEPT SELECT platform, team_id, user_id FROM chat_sessions"
    )
    assert await select(populated, missing) == []


async def test_what_a_session_knows_it_keeps(populated: AsyncEngine) -> None:
    await runner.upgrade(populated, NOTING, report=print)
    await execute(
        populated,
        "INSERT INTO chat_sessions (session_id, platform, team_id, user_id, api_key_id, chosen_model, created_at,"
        " last_activity_at, closed_at)"
        " VALUES ('s', 'one', 1, 'user 1', 2, 'm', '2026-05-01', '2026-05-02', '2026-05-03')",
    )
    await runner.upgrade(populated, report=print)
    kept = await select(
        populated,
        "SELECT session_id, api_key_id, chosen_model, created_at < '2026-02-01', last_activity_at = '2026-05-02+00',"
        " closed_at IS NOT NULL FROM chat_sessions WHERE team_id = 1 AND user_id = 'user 1'",
    )
    assert kept == [("s", 2, "m", True, True, True)]


async def test_doing_it_again_writes_nothing(populated: AsyncEngine) -> None:
    await runner.upgrade(populated, report=print)
    rows = "SELECT xmin::text, * FROM chat_sessions ORDER BY id"
    before = await select(populated, rows)
    await runner.downgrade(populated, NOTING, report=print)
    await execute(populated, "UPDATE platform_config_backfill SET done = -1, boundary = 100 WHERE name = 'messages'")
    await runner.upgrade(populated, report=print)
    assert await select(populated, rows) == before


async def test_a_team_that_is_deleted_in_the_middle_is_no_obstacle(url: URL, populated: AsyncEngine) -> None:
    """The batch has read the messages of the team, and waits for the team when it writes their sessions."""
    await runner.upgrade(populated, NOTING, report=print)
    async with connected(url) as other, connected(url) as observer:
        async with other.transaction():
            await other.execute("DELETE FROM messages WHERE team_id = 2 OR api_key_id = 2")
            await other.execute("DELETE FROM api_keys WHERE team_id = 2")
            await other.execute("DELETE FROM teams WHERE id = 2")
            migrator = asyncio.create_task(runner.upgrade(populated, MADE, report=print))
            while not await observer.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                assert not migrator.done(), "it waits for the team"
        await migrator
    assert await select(populated, "SELECT DISTINCT team_id FROM chat_sessions ORDER BY 1") == [(1,), (None,)]
    assert await select(populated, CONTRADICTIONS) == []


async def test_the_written_sql_does_the_same(url: URL, populated: AsyncEngine) -> None:
    await runner.upgrade(populated, NOTING, report=print)
    async with connected(url) as connection:
        for statement in statements_of(runner.upgrade_sql(NOTING, MADE)):
            await connection.execute(statement)
    assert await select(populated, CONTRADICTIONS) == []
