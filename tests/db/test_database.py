"""Access to the database: what reads and writes are on the wire, beside each other, and when they are given up."""

from __future__ import annotations

import asyncio
import traceback
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, literal_column, select, text
from sqlalchemy.exc import DBAPIError

from db.errors import ConstraintViolated, StatementFailed
from db.models import Team
from db.statement import Statement
from tests.db.teams import add, names
from tests.pooled import POOLED

if TYPE_CHECKING:
    import asyncpg

    from db.database import Database
    from db.transaction import Transaction


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
    async with opened.write() as transaction:
        await add(transaction, "a")
        await add(transaction, "b")
        ((state, in_transaction, _),) = await state_of(observer)
        assert (state, in_transaction) == ("idle in transaction", True)
        assert await names(opened) == []
    assert await names(opened) == ["a", "b"]
    assert not any(in_transaction for _, in_transaction, _ in await state_of(observer))


async def test_a_write_that_fails_leaves_nothing(opened: Database) -> None:
    async def fail() -> None:
        async with opened.write() as transaction:
            await add(transaction)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await names(opened) == []


async def test_a_write_that_is_cancelled_leaves_nothing_and_gives_its_connection_back(opened: Database) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with opened.write() as transaction:
            await add(transaction)
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
        async with opened.write() as transaction:
            await add(transaction, "a")
            await add(transaction, "a")

    with pytest.raises(ConstraintViolated):
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


async def test_a_write_that_goes_on_after_a_failure_is_no_success(opened: Database) -> None:
    """PostgreSQL answers a COMMIT of what had failed with ROLLBACK, and with no error."""

    async def write() -> None:
        async with opened.write() as transaction:
            await add(transaction)
            with suppress(ConstraintViolated):
                await add(transaction)

    with pytest.raises(StatementFailed, match="rolled back"):
        await write()
    assert await names(opened) == []


async def test_a_savepoint_undoes_what_follows_it_and_nothing_else(opened: Database) -> None:
    async def add_both(transaction: Transaction) -> None:
        async with transaction.savepoint():
            await add(transaction, "b")
            await add(transaction, "a")

    async with opened.write() as transaction:
        await add(transaction, "a")
        with pytest.raises(ConstraintViolated):
            await add_both(transaction)
        async with transaction.savepoint():
            await add(transaction, "c")
    assert await names(opened) == ["a", "c"]


async def test_a_refused_row_is_in_no_error(opened: Database) -> None:
    """PostgreSQL quotes it, and it may hold the digest of a key."""
    secret = uuid.uuid4().hex

    async def write_twice() -> None:
        async with opened.write() as transaction:
            await add(transaction, secret)
            await add(transaction, secret)

    with pytest.raises(ConstraintViolated) as refused:
        await write_twice()
    assert secret not in "".join(traceback.format_exception(refused.value))


async def test_tables_that_change_meanwhile_have_a_write_done_again(
    opened: Database, observer: asyncpg.Connection[Any]
) -> None:
    """PostgreSQL refuses a statement that is kept where a migration changed what it gives."""
    every_team = Statement(select(literal_column("*")).select_from(Team))
    for column in ("first", "second"):
        assert await opened.change(lambda transaction: transaction.rows(every_team)) == []
        await observer.execute(f"ALTER TABLE teams ADD COLUMN {column} integer")
    assert await opened.change(lambda transaction: transaction.rows(every_team)) == []


async def test_an_error_hides_the_parameters_of_its_statement(opened: Database) -> None:
    """What the statement was about may be the digest of a key."""
    with pytest.raises(DBAPIError) as error:
        async with opened.read() as session:
            await session.execute(text("SELECT CAST(CAST(:value AS text) AS json)"), {"value": "a-secret"})
    shown = str(error.value).split("[SQL:")[1]
    assert "a-secret" not in shown
    assert "hidden" in shown
