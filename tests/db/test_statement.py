"""Statements that are kept fail as those of sessions do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Integer, SelectBase, bindparam, cast, column, func, literal_column, select, table

from db.among import among_those
from db.errors import SchemaOutdated, StatementFailed
from db.models import Team
from db.statement import Statement

if TYPE_CHECKING:
    import asyncpg

    from db.database import Database
    from db.transaction import Transaction

END_THE_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(%'"


def given() -> SelectBase:
    return select(cast(bindparam("given", type_=Integer), Integer))


async def test_all_connections_are_replaced_when_one_is_found_broken(
    opened: Database, observer: asyncpg.Connection[Any]
) -> None:
    """PostgreSQL that restarts ends as many connections as there are, and others would come upon the next."""
    async with opened.engine.connect(), opened.engine.connect():
        pass
    await observer.execute(END_THE_OTHERS)
    assert [tuple(row) for row in await opened.rows(Statement(given()), given=7)] == [(7,)]
    async with opened.engine.connect() as one, opened.engine.connect() as other:
        for connection in (one, other):
            await connection.execute(select(1))


async def test_a_connection_goes_back_whatever_becomes_of_the_statement(opened: Database) -> None:
    """There are two of them."""
    sleeping = Statement(select(func.pg_sleep(60)))
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await opened.rows(sleeping)
        with pytest.raises(StatementFailed):
            await opened.rows(Statement(select(1 / literal_column("0"))))
    assert [tuple(row) for row in await opened.rows(Statement(given()), given=7)] == [(7,)]


async def test_a_caller_who_leaves_a_read_costs_no_connection(opened: Database) -> None:
    """To make one takes PostgreSQL more than most statements do, and anybody can leave as often as they please."""
    process = Statement(select(func.pg_backend_pid()))
    ((number,),) = await opened.rows(process)
    for seconds in (60, 0.01, 60):
        reading = asyncio.create_task(opened.rows(Statement(select(func.pg_sleep(seconds)))))
        await asyncio.wait({reading}, timeout=0.01)
        reading.cancel()
        await asyncio.wait({reading})
        assert [tuple(row) for row in await opened.rows(process)] == [(number,)]


async def test_a_caller_who_leaves_a_change_leaves_no_transaction(
    opened: Database, observer: asyncpg.Connection[Any]
) -> None:
    async def sleep(transaction: Transaction) -> None:
        await transaction.rows(Statement(select(func.pg_sleep(60))))

    changing = asyncio.create_task(opened.change(sleep))
    await asyncio.wait({changing}, timeout=0.1)
    changing.cancel()
    await asyncio.wait({changing})
    assert [tuple(row) for row in await opened.rows(Statement(given()), given=7)] == [(7,)]
    assert not await observer.fetchval("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")


async def test_a_caller_who_leaves_a_change_costs_no_connection(opened: Database) -> None:
    """At whatever moment of it."""
    process = Statement(select(func.pg_backend_pid()))
    ((number,),) = await opened.rows(process)

    async def sleep(transaction: Transaction) -> None:
        await transaction.rows(Statement(select(func.pg_sleep(0.01))))
        await transaction.rows(Statement(select(func.pg_sleep(60))))

    for seconds in (0, 0.001, 0.005, 0.02, 0.1):
        changing = asyncio.create_task(opened.change(sleep))
        await asyncio.wait({changing}, timeout=seconds)
        changing.cancel()
        await asyncio.wait({changing})
        assert [tuple(row) for row in await opened.rows(process)] == [(number,)]


async def test_a_new_connection_looks_names_up_without_asking_for_types(opened: Database) -> None:
    """What the driver would ask takes PostgreSQL longer than hundreds of such statements, on each connection."""
    named = Statement(select(1).where(among_those(Team.platform_name, "names")))
    assert await opened.rows(named, names=["a", "b"]) == []
    asked = (
        select(func.count())
        .select_from(table("pg_prepared_statements"))
        .where(column("statement").contains("typeinfo_tree"))
    )
    assert [tuple(row) for row in await opened.rows(Statement(asked))] == [(0,)]


async def test_a_caller_who_is_cancelled_twice_leaves_neither_a_statement_nor_a_connection(
    opened: Database, observer: asyncpg.Connection[Any]
) -> None:
    """Somebody goes away, and the request's time is over while the statement is ended for that.

    Through PgBouncer the request to end it takes longest. There are two connections.
    """
    for turns in range(6):
        reading = asyncio.create_task(opened.rows(Statement(select(func.pg_sleep(60)))))
        await asyncio.wait({reading}, timeout=0.1)
        reading.cancel()
        for _ in range(turns):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait({reading})
        assert reading.cancelled()
    assert [tuple(row) for row in await opened.rows(Statement(given()), given=7)] == [(7,)]
    async with asyncio.timeout(5):
        while True:
            if not await observer.fetchval(SLEEPING):
                return
            await asyncio.sleep(0.01)


async def test_an_error_repeats_no_parameter(opened: Database) -> None:
    with pytest.raises(StatementFailed) as raised:
        await opened.rows(Statement(given()), given="a secret")
    assert "secret" not in str(raised.value)
    assert raised.value.__suppress_context__


async def test_a_table_that_is_missing_is_told_like_for_sessions(opened: Database) -> None:
    with pytest.raises(SchemaOutdated):
        await opened.rows(Statement(select(table("no_such_table", column("id")))))
