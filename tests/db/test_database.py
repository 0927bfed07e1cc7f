"""Access to the database: what reads and writes are on the wire, beside each other, and when they are given up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.database import Database, ReadSession, WriteSession
from db.models import Team
from tests.db.teams import add, names
from tests.pooled import POOLED

if TYPE_CHECKING:
    import asyncpg


async def state_of(observer: asyncpg.Connection[Any]) -> list[tuple[str, bool, str]]:
    """Give state, whether a transaction is open, and last statement of the service's connections."""
    rows = await observer.fetch(
        "SELECT state, xact_start IS NOT NULL, query FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'platform-config-api'"
    )
    return [tuple(row) for row in rows]


async def test_a_read_sends_its_statement_and_nothing_around_it(
    opened: Database, observer: asyncpg.Connection[Any]
) -> None:
    """No BEGIN before, no transaction left open between two statements, no ROLLBACK after."""
    async with opened.read() as session:
        await session.execute(text("SELECT 'first'"))
        assert await state_of(observer) == [("idle", False, "SELECT 'first'")]
        await session.execute(text("SELECT 'second'"))
        assert await state_of(observer) == [("idle", False, "SELECT 'second'")]
    assert await state_of(observer) == [("idle", False, "SELECT 'second'")]


async def test_each_statement_of_a_read_sees_what_was_committed_by_then(
    opened: Database, observer: asyncpg.Connection[Any]
) -> None:
    async with opened.read() as session:
        count = select(func.count(Team.id))
        assert (await session.scalars(count)).one() == 0
        await observer.execute("INSERT INTO teams (display_name, platform_name) VALUES ('a', 'a')")
        assert (await session.scalars(count)).one() == 1


async def test_a_write_is_one_transaction_that_others_see_when_it_ends(
    opened: Database, observer: asyncpg.Connection[Any]
) -> None:
    async with opened.write() as session:
        await add(session, "a")
        await add(session, "b")
        ((state, in_transaction, _),) = await state_of(observer)
        assert (state, in_transaction) == ("idle in transaction", True)
        assert await names(opened) == []
    assert await names(opened) == ["a", "b"]
    assert not any(in_transaction for _, in_transaction, _ in await state_of(observer))


async def test_a_write_that_fails_leaves_nothing(opened: Database) -> None:
    async def fail() -> None:
        async with opened.write() as session:
            await add(session)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await names(opened) == []


async def test_a_write_that_is_cancelled_leaves_nothing_and_gives_its_connection_back(opened: Database) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with opened.write() as session:
            await add(session)
            begun.set()
            await asyncio.Event().wait()

    for _ in range(4):
        begun.clear()
        task = asyncio.create_task(write())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await names(opened) == []


async def test_a_refusal_by_the_database_passes_through_and_rolls_back(opened: Database) -> None:
    async def write_twice() -> None:
        async with opened.write() as session:
            await add(session, "a")
            await add(session, "a")

    with pytest.raises(IntegrityError):
        await write_twice()
    assert await names(opened) == []


async def test_reads_run_beside_each_other(opened: Database) -> None:
    """Each on a connection of its own: neither goes on before both have asked."""
    if POOLED:
        pytest.skip("A pooler gives each statement of a read whichever connection is free.")
    both = asyncio.Barrier(2)

    async def backend() -> int:
        async with opened.read() as session:
            pid: int = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await asyncio.wait_for(both.wait(), timeout=10)
            assert await session.scalar(text("SELECT pg_backend_pid()")) == pid
            return pid

    assert len(set(await asyncio.gather(backend(), backend()))) == 2


async def test_more_reads_than_connections_take_turns(opened: Database) -> None:
    assert await asyncio.gather(*(names(opened) for _ in range(20))) == [[]] * 20


async def test_reads_and_writes_are_sessions_of_different_types(opened: Database) -> None:
    async with opened.read() as session:
        assert type(session) is ReadSession
    async with opened.write() as write_session:
        assert type(write_session) is WriteSession


async def test_an_error_hides_the_parameters_of_its_statement(opened: Database) -> None:
    """What the statement was about may be the digest of a key."""
    with pytest.raises(DBAPIError) as error:
        async with opened.read() as session:
            await session.execute(text("SELECT CAST(CAST(:value AS text) AS json)"), {"value": "a-secret"})
    shown = str(error.value).split("[SQL:")[1]
    assert "a-secret" not in shown
    assert "hidden" in shown
