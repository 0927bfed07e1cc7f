"""A message has its session, whoever wrote it."""

from __future__ import annotations

import asyncpg
import pytest

from domain.session_identity import session_id
from tests.conftest import run_sql
from tests.migrations.messages import KEYS, LAG, sessions, write
from tests.migrations.usage import connected


@pytest.fixture
def owned_database(migrated_database: str) -> str:
    """The address of a database with teams and keys."""
    run_sql(migrated_database, *KEYS)
    return migrated_database


@pytest.mark.parametrize("team", [None, 1])
async def test_the_first_message_of_a_user_opens_the_session(owned_database: str, team: int | None) -> None:
    async with connected(owned_database) as connection:
        await connection.execute("SET timezone = 'Asia/Kathmandu'")
        await write(connection, team=team, key=3, at="'2026-01-01 10:00'")
        await write(connection, team=team, key=1, at="'2026-01-01 09:00'")
        assert await sessions(connection) == [(session_id("one", "u", team), "one", team, "u", team and 3)]
        times = await connection.fetchrow("SELECT created_at::text, last_activity_at::text FROM chat_sessions")
        assert tuple(times) == ("2026-01-01 15:45:00+05:45",) * 2


@pytest.mark.parametrize("key", [2, 4, 5], ids=["of another team", "revoked", "expired"])
async def test_a_key_that_could_never_serve_the_session_does_not_own_it(owned_database: str, key: int) -> None:
    async with connected(owned_database) as connection:
        await write(connection, key=key)
        await write(connection, key=1)
        assert [row[1:] for row in await sessions(connection)] == [("one", 1, "u", None)]


async def test_messages_of_one_statement_open_one_session_for_each_conversation(owned_database: str) -> None:
    async with connected(owned_database) as connection:
        await connection.execute(
            "INSERT INTO messages (team_id, api_key_id, platform, user_id, role, content, created_at) VALUES"
            " (1, NULL, 'one', 'u', 'user', '', '2026-01-01 10:00'), (NULL, NULL, 'one', 'u', 'user', '', DEFAULT),"
            " (1, 2, 'one', 'u', 'user', '', '2026-01-01 09:00'), (1, 1, 'one', 'u', 'user', '', '2026-01-03 00:00'),"
            " (2, 2, 'one', 'u', 'user', '', DEFAULT), (1, NULL, 'One', 'u', 'user', '', DEFAULT)"
        )
        found = {row[1:] for row in await sessions(connection)}
        # The newest key that a conversation's messages name is the one in use.
        assert found == {("one", 1, "u", 1), ("one", None, "u", None), ("one", 2, "u", 2), ("One", 1, "u", None)}
        times = await connection.fetchrow(
            "SELECT created_at AT TIME ZONE 'UTC' = '2026-01-01 09:00',"
            " last_activity_at AT TIME ZONE 'UTC' = '2026-01-03'"
            " FROM chat_sessions WHERE platform = 'one' AND team_id = 1"
        )
        assert tuple(times) == (True, True)


@pytest.mark.parametrize("team", [None, 1])
async def test_a_message_moves_the_session_on_and_opens_nothing_that_is_closed(
    owned_database: str, team: int | None
) -> None:
    async with connected(owned_database) as connection:
        await write(connection, team=team, at="'2026-01-01 10:00'")
        await write(connection, team=3 - (team or 1), at="'2026-01-01 10:00'")
        await connection.execute("UPDATE chat_sessions SET closed_at = '2026-01-02', chosen_model = 'm'")
        await write(connection, team=team, key=1)
        rows = await connection.fetch("SELECT * FROM chat_sessions ORDER BY id")
        assert await connection.fetchval(f"{LAG} ORDER BY id LIMIT 1") < 60
    assert len(rows) == 2
    assert (rows[0]["closed_at"].year, rows[0]["chosen_model"], rows[0]["api_key_id"]) == (2026, "m", None)
    assert rows[0]["created_at"].month == rows[1]["last_activity_at"].month == 1


async def test_an_old_message_moves_nothing_back(owned_database: str) -> None:
    async with connected(owned_database) as connection:
        await write(connection)
        before = await connection.fetch("SELECT xmin, * FROM chat_sessions")
        await write(connection, at="'2026-01-01'")
        assert await connection.fetch("SELECT xmin, * FROM chat_sessions") == before


async def test_a_message_from_the_future_counts_as_of_now(owned_database: str) -> None:
    async with connected(owned_database) as connection:
        for at in ("'9999-01-01'", "'infinity'"):
            await write(connection, at=at)
            assert 0 <= await connection.fetchval(LAG) < 60


async def test_a_lively_conversation_does_not_write_the_session_each_time(owned_database: str) -> None:
    async with connected(owned_database) as connection:
        await write(connection, at="'2026-01-01 10:00:00'")
        before = await connection.fetch("SELECT xmin, * FROM chat_sessions")
        await write(connection, at="'2026-01-01 10:00:01'")
        assert await connection.fetch("SELECT xmin, * FROM chat_sessions") == before
        await write(connection, at="'2026-01-01 10:00:01.5'")
        assert await connection.fetch("SELECT xmin, * FROM chat_sessions") != before


async def test_messages_that_change_hands_have_a_session_there(owned_database: str) -> None:
    async with connected(owned_database) as connection:
        await write(connection, at="'2026-01-01'")
        await connection.execute("UPDATE messages SET team_id = 2, user_id = 'v'")
        assert [row[2:4] for row in await sessions(connection)] == [(1, "u"), (2, "v")]


async def test_a_message_that_was_taken_back_leaves_no_session(owned_database: str) -> None:
    async with connected(owned_database) as connection:
        transaction = connection.transaction()
        await transaction.start()
        await write(connection)
        await transaction.rollback()
        assert await sessions(connection) == []


async def test_no_identity_is_spent_on_messages_of_known_sessions(owned_database: str) -> None:
    async with connected(owned_database) as connection:
        for user in ("u", "u", "u", "v"):
            await write(connection, user=user)
        assert [row["id"] for row in await connection.fetch("SELECT id FROM chat_sessions ORDER BY id")] == [1, 2]


@pytest.mark.parametrize("team", [None, 1])
async def test_among_many_sessions_each_is_found_by_an_index(owned_database: str, team: int | None) -> None:
    async with connected(owned_database) as connection:
        await connection.execute(
            "INSERT INTO teams (id, display_name, platform_name)"
            " SELECT number, number, number FROM generate_series(10, 2000) AS number"
        )
        # Platform, user and team are each shared by many; only together they are one session's.
        await connection.execute(
            "INSERT INTO chat_sessions (session_id, platform, team_id, user_id)"
            " SELECT '', 'one', id, 'u' FROM teams"
            " UNION ALL SELECT '', 'one', NULL, CASE id WHEN 1 THEN 'u' ELSE 'user ' || id END FROM teams"
            " UNION ALL SELECT '', 'platform ' || id, NULL, 'u' FROM teams"
            " UNION ALL SELECT '', 'platform ' || id, 1, 'new' FROM teams"
        )
        await connection.execute("ANALYZE chat_sessions")
        async with connection.transaction():
            # Six times, since a plan that is kept is made after five.
            for user in ("new", *["u"] * 6):
                await write(connection, team=team, user=user)
            scans = await connection.fetchval(
                "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'chat_sessions'"
            )
            read = await connection.fetchval(
                "SELECT sum(idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname = 'chat_sessions'"
            )
        assert (scans, read < 50) == (0, True)


async def test_a_program_without_a_right_to_the_sessions_writes_messages_all_the_same(owned_database: str) -> None:
    """The earlier service may have an account of its own, which was given its own tables only."""
    async with connected(owned_database) as connection, connection.transaction():
        await connection.execute("CREATE ROLE earlier_service")
        await connection.execute("GRANT SELECT, INSERT, UPDATE ON messages TO earlier_service")
        await connection.execute("GRANT USAGE ON SEQUENCE messages_id_seq TO earlier_service")
        await connection.execute("SET LOCAL ROLE earlier_service")
        await write(connection, at="'2026-01-01'")
        await write(connection)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connection.transaction():
                await sessions(connection)
        await connection.execute("RESET ROLE")
        assert await connection.fetchval(LAG) < 60
        await connection.execute("DROP OWNED BY earlier_service")
        await connection.execute("DROP ROLE earlier_service")
