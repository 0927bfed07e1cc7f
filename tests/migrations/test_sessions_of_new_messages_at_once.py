"""Who writes messages at the same time opens one session, and waits for nobody who holds it."""

from __future__ import annotations

import asyncio

import pytest

from tests.conftest import run_sql
from tests.migrations.messages import KEYS, LAG, sessions, write
from tests.migrations.usage import connected


@pytest.fixture
def owned_database(migrated_database: str) -> str:
    """The address of a database with teams and keys."""
    run_sql(migrated_database, *KEYS)
    return migrated_database


async def test_a_session_that_somebody_holds_holds_up_no_message(owned_database: str) -> None:
    async with connected(owned_database) as holder, connected(owned_database, lock_timeout="250ms") as writer:
        await write(writer, at="'2026-01-01'")
        async with holder.transaction():
            await holder.execute("SELECT FROM chat_sessions FOR UPDATE")
            await write(writer)
        assert await writer.fetchval("SELECT count(*) FROM messages") == 2
        await write(writer)
        assert await writer.fetchval(LAG) < 60


async def test_transactions_that_move_on_the_same_sessions_in_opposite_orders_do_not_wait(owned_database: str) -> None:
    async with (
        connected(owned_database, lock_timeout="250ms") as first,
        connected(owned_database, lock_timeout="250ms") as second,
    ):
        for user in ("u", "v"):
            await write(first, user=user, at="'2026-01-01'")
        async with first.transaction(), second.transaction():
            await write(first, user="u")
            await write(second, user="v")
            await write(first, user="v")
            await write(second, user="u")
        assert await first.fetchval("SELECT min(last_activity_at) > now() - interval '1 minute' FROM chat_sessions")


@pytest.mark.parametrize("team", [None, 1])
async def test_programs_that_write_the_first_messages_at_once_open_one_session(
    owned_database: str, team: int | None
) -> None:
    async with connected(owned_database) as first, connected(owned_database) as second:
        async with first.transaction():
            await write(first, team=team, key=1)
            waiting = asyncio.create_task(write(second, team=team, key=3))
            while not await first.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                assert not waiting.done(), "whether there is a session is known when the first one commits"
        await waiting
        assert [row[4] for row in await sessions(first)] == [team and 1]
        assert await first.fetchval("SELECT count(*) FROM messages") == 2


async def test_the_second_opens_the_session_where_the_first_gives_up(owned_database: str) -> None:
    async with connected(owned_database) as first, connected(owned_database) as second:
        transaction = first.transaction()
        await transaction.start()
        await write(first, key=1)
        waiting = asyncio.create_task(write(second, key=3))
        while not await first.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not waiting.done()
        await transaction.rollback()
        await waiting
        assert [row[4] for row in await sessions(first)] == [3]


@pytest.mark.parametrize("known", [0, 1])
async def test_a_snapshot_older_than_what_others_did_to_the_session_is_no_obstacle(
    owned_database: str, known: int
) -> None:
    async with connected(owned_database) as first, connected(owned_database) as second:
        if known:
            await write(first, at="'2026-01-01'")
        async with first.transaction(isolation="repeatable_read"):
            await first.fetch("SELECT FROM chat_sessions")
            await write(second)
            await write(first)
        assert await first.fetchval("SELECT count(*) FROM messages") == 2 + known
        assert len(await sessions(first)) == 1
        assert await first.fetchval(LAG) < 60
