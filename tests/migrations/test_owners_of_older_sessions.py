"""A session with older messages belongs to the key that its newest one names, if that key can serve it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from migrations import backfill, runner
from tests.migrations.batches import Stopped, between_batches, kill_after, make_batches_small, statements_of, stop_after
from tests.migrations.rows import execute, select
from tests.migrations.usage import OWNERS, connected

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

MADE = "5b8e1f70d3a9"
OWNED = "b20f6d8e41c3"
SESSIONS = 30
ANOTHER, OTHER_TEAMS, REVOKED, EXPIRED, EXPIRING = 3, 2, 4, 5, 6
KEYS = (
    *OWNERS,
    f"""
    INSERT INTO api_keys (id, key_hash, key_prefix, name, team_id, is_active, expires_at) VALUES
        ({ANOTHER}, 'c', 'c', '', 1, true, NULL), ({REVOKED}, 'd', 'd', '', 1, false, NULL),
        ({EXPIRED}, 'e', 'e', '', 1, true, '2026-01-01'), ({EXPIRING}, 'f', 'f', '', 1, true, '9999-01-01')
    """,  # noqa: S608 - numbers
)
MESSAGE = "INSERT INTO messages (team_id, api_key_id, platform, user_id, role, content) VALUES"
OWNERS_OF_SESSIONS = "SELECT user_id, api_key_id FROM chat_sessions ORDER BY id"
OWNED_ONES = "SELECT user_id, api_key_id FROM chat_sessions WHERE api_key_id IS NOT NULL ORDER BY id"
DONE = "SELECT done, boundary FROM platform_config_backfill WHERE name = 'chat_sessions'"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def owned(**but: int | None) -> list[tuple[str, int | None]]:
    """Give the owners of the sessions of `populated`."""
    expected: dict[str, int | None] = {
        f"user_{number}": ANOTHER if number % 2 else None for number in range(1, SESSIONS + 1)
    }
    return list((expected | but).items())


@pytest.fixture
async def populated(existing: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> AsyncEngine:
    """A database with sessions that nobody owns: a working key used each second one last. The batches are small."""
    make_batches_small(monkeypatch)
    await execute(
        existing,
        *KEYS,
        "INSERT INTO messages (team_id, api_key_id, platform, user_id, role, content)"  # noqa: S608 - numbers
        f" SELECT 1, CASE WHEN round = 2 AND number % 2 = 1 THEN {ANOTHER} ELSE {REVOKED} END,"
        " 'one', 'user_' || number, 'user', ''"
        f" FROM generate_series(1, 2) AS round, generate_series(1, {SESSIONS}) AS number ORDER BY round, number",
    )
    await runner.upgrade(existing, MADE, report=print)
    # In the order of the users' numbers, which is not that of their names.
    await execute(
        existing,
        "CREATE TABLE ordered AS SELECT * FROM chat_sessions ORDER BY substring(user_id FROM 6)::integer",
        "DELETE FROM chat_sessions",
        "INSERT INTO chat_sessions (session_id, platform, team_id, api_key_id, user_id)"
        " SELECT session_id, platform, team_id, api_key_id, user_id FROM ordered",
        "DROP TABLE ordered",
    )
    assert await select(existing, "SELECT count(*) FROM chat_sessions WHERE api_key_id IS NULL") == [(SESSIONS,)]
    return existing


@pytest.mark.parametrize(
    ("team", "keys", "owner"),
    [
        pytest.param(1, [1, ANOTHER], ANOTHER, id="the newest"),
        pytest.param(1, [ANOTHER, 1], 1, id="by the order of the messages"),
        pytest.param(1, [REVOKED, 1], 1, id="the one after a revoked one"),
        pytest.param(1, [1, None, None], 1, id="the newest that is named"),
        pytest.param(1, [1, EXPIRING], EXPIRING, id="one that will expire"),
        pytest.param(1, [1, REVOKED], None, id="revoked"),
        pytest.param(1, [1, EXPIRED], None, id="expired"),
        pytest.param(1, [1, OTHER_TEAMS], None, id="of another team"),
        pytest.param(1, [1, REVOKED, None], None, id="revoked, then none"),
        pytest.param(1, [None, None], None, id="none at all"),
        pytest.param(None, [1, ANOTHER], None, id="of no team"),
    ],
)
async def test_the_newest_key_owns_the_session_if_it_works(
    existing: AsyncEngine, team: int | None, keys: list[int | None], owner: int | None
) -> None:
    team_of_message = team or "NULL"
    await execute(
        existing,
        *KEYS,
        *(f"{MESSAGE} ({team_of_message}, {key or 'NULL'}, 'one', 'u', 'user', '')" for key in keys),
        # Newer ones, of conversations that differ in one thing each.
        f"{MESSAGE} ({team_of_message}, 1, 'One', 'u', 'user', ''), ({team_of_message}, 1, 'one', 'v', 'user', ''),"
        f" ({'NULL' if team else 1}, 1, 'one', 'u', 'user', '')",
    )
    await runner.upgrade(existing, report=print)
    found = await select(
        existing,
        "SELECT coalesce(team_id, 0), api_key_id FROM chat_sessions WHERE platform = 'one' AND user_id = 'u'",
    )
    assert dict(found)[team or 0] == owner


async def test_all_batches_are_done(populated: AsyncEngine) -> None:
    messages: list[str] = []
    await runner.upgrade(populated, OWNED, report=messages.append)
    assert await select(populated, OWNERS_OF_SESSIONS) == owned()
    assert sum("Finding the owners" in message for message in messages) == SESSIONS / 10


@pytest.mark.parametrize("batches", [0, 1, 2])
async def test_a_stopped_migration_goes_on_where_it_was(populated: AsyncEngine, batches: int) -> None:
    ((first,),) = await select(populated, "SELECT min(id) FROM chat_sessions")
    with pytest.raises(Stopped):
        await runner.upgrade(populated, report=stop_after(batches))
    ((done, boundary),) = await select(populated, DONE)
    assert (max(done - first + 1, 0), boundary - first + 1) == (batches * 10, SESSIONS)
    assert await select(populated, OWNERS_OF_SESSIONS) == owned(
        **{f"user_{number}": None for number in range(batches * 10 + 1, SESSIONS + 1)}
    )
    # What was done is not looked at again.
    await execute(populated, "UPDATE chat_sessions SET api_key_id = NULL WHERE user_id = 'user_1'")

    await runner.upgrade(populated, report=print)
    assert await select(populated, OWNERS_OF_SESSIONS) == owned(**({"user_1": None} if batches else {}))


async def test_after_a_downgrade_all_sessions_are_looked_at_again(populated: AsyncEngine) -> None:
    await runner.upgrade(populated, report=print)
    await runner.downgrade(populated, MADE, report=print)
    await execute(populated, "UPDATE chat_sessions SET api_key_id = NULL")
    await runner.upgrade(populated, report=print)
    assert await select(populated, OWNERS_OF_SESSIONS) == owned()


async def test_a_killed_migration_goes_on_where_it_was(url: URL, populated: AsyncEngine) -> None:
    await execute(
        populated,
        "INSERT INTO chat_sessions (session_id, platform, team_id, user_id)"
        " SELECT 's', 'two', 1, 'user ' || number FROM generate_series(1, 5000) AS number",
        f"{MESSAGE} (1, {ANOTHER}, 'two', 'user 1', 'user', ''), (1, {ANOTHER}, 'two', 'user 5000', 'user', '')",
    )
    await kill_after(url, 3)
    ((done, boundary),) = await select(populated, DONE)
    assert 0 < done < boundary
    await runner.upgrade(populated, report=print)
    of_two = [("user 1", ANOTHER), ("user 5000", ANOTHER)]
    assert await select(populated, OWNED_ONES) == [row for row in owned() if row[1]] + of_two


async def test_a_session_that_was_opened_meanwhile_keeps_its_owner(url: URL, populated: AsyncEngine) -> None:
    opened = (
        "UPDATE chat_sessions SET api_key_id = 1 WHERE user_id IN ('user_1', 'user_2')",
        "UPDATE chat_sessions SET api_key_id = 1 WHERE user_id IN ('user_3', 'user_21', 'user_22')",
        f"{MESSAGE} (1, 1, 'one', 'new', 'user', ''), (1, 1, 'one', 'user_23', 'user', '')",
    )
    await runner.upgrade(populated, OWNED, report=between_batches(url, opened))
    expected = owned(user_1=1, user_2=1, user_3=1, user_21=1, user_22=1, user_23=1, new=1)
    assert await select(populated, OWNERS_OF_SESSIONS) == expected


async def test_a_session_that_is_being_opened_keeps_its_owner(url: URL, populated: AsyncEngine) -> None:
    """The batch has read that nobody owns it, and waits for the row when it writes."""
    async with connected(url) as other, connected(url) as observer:
        async with other.transaction():
            await other.execute("UPDATE chat_sessions SET api_key_id = 1 WHERE user_id = 'user_5'")
            migrator = asyncio.create_task(runner.upgrade(populated, OWNED, report=print))
            while not await observer.fetchval(WAITING):
                assert not migrator.done(), "it waits for the session"
        await migrator
    assert await select(populated, OWNERS_OF_SESSIONS) == owned(user_5=1)


async def test_a_key_that_is_deleted_in_the_middle_is_no_obstacle(url: URL, populated: AsyncEngine) -> None:
    """The batch has found the key, and waits for it when it writes it down."""
    async with connected(url) as other, connected(url) as observer:
        async with other.transaction():
            await other.execute("DELETE FROM messages WHERE api_key_id = $1", ANOTHER)
            await other.execute("DELETE FROM api_keys WHERE id = $1", ANOTHER)
            migrator = asyncio.create_task(runner.upgrade(populated, OWNED, report=print))
            while not await observer.fetchval(WAITING):
                assert not migrator.done(), "it waits for the key"
        await migrator
    assert await select(populated, "SELECT DISTINCT api_key_id FROM chat_sessions") == [(None,)]


async def test_the_written_sql_does_the_same(url: URL, populated: AsyncEngine) -> None:
    async with connected(url) as connection:
        for statement in statements_of(runner.upgrade_sql(MADE, OWNED)):
            await connection.execute(statement)
    assert await select(populated, OWNERS_OF_SESSIONS) == owned()


@pytest.mark.parametrize("statistics", [["ANALYZE"], []], ids=["analyzed", "not analyzed"])
async def test_among_many_messages_the_newest_is_found_by_an_index(
    existing: AsyncEngine, monkeypatch: pytest.MonkeyPatch, statistics: list[str]
) -> None:
    await execute(
        existing,
        *KEYS,
        # Half of them are of one user.
        "INSERT INTO messages (team_id, api_key_id, platform, user_id, role, content)"
        " SELECT 1, 1, 'one', CASE number % 2 WHEN 0 THEN 'lively' ELSE 'user ' || number % 500 END, 'user', ''"
        " FROM generate_series(1, 20000) AS number",
    )
    await runner.upgrade(existing, MADE, report=print)
    await execute(existing, *statistics)
    batches: list[str] = []

    def keep(table: str, statement: str, **_: Any) -> None:
        assert table == "chat_sessions"
        batches.append(statement)

    monkeypatch.setattr(backfill, "in_batches", keep)
    await runner.upgrade(existing, OWNED, report=print)
    statement = batches[0].replace("state.done", "0").replace("upper", "1000")
    plan = "\n".join(line for (line,) in await select(existing, f"EXPLAIN {statement}"))
    assert "Index Scan Backward using ix_messages_session on messages" in plan, plan
