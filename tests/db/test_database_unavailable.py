"""What reads and writes say where the database is missing, closed, full or not migrated, and what is no such case."""

from __future__ import annotations

import socket
import uuid
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from db.database import Database
from db.engine import create_engine, database_url
from db.errors import DatabaseUnavailable, SchemaOutdated
from db.models import Team
from tests.db.statements import execute
from tests.db.teams import add, names
from tests.pooled import POOLED

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

CLOSE_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.mark.parametrize("way", ["read", "write"])
async def test_when_all_connections_are_taken_the_next_caller_is_told(opened: Database, way: str) -> None:
    async with opened.read() as first, opened.read() as second:
        await first.execute(text("SELECT 1"))
        await second.execute(text("SELECT 1"))
        with pytest.raises(DatabaseUnavailable, match="All connections"):
            await use(opened, way)
    await use(opened, way)


async def use(database: Database, way: str) -> None:
    async with getattr(database, way)() as session:
        await execute(session, "SELECT 1")


@pytest.mark.parametrize("way", ["read", "write"])
async def test_a_connection_that_the_server_closed_is_unavailable_once_and_replaced(
    opened: Database, observer: asyncpg.Connection[Any], way: str
) -> None:
    if POOLED:
        pytest.skip("A pooler replaces what PostgreSQL closed; one that is cut off: tests/faults/test_pgbouncer.py")
    await use(opened, way)
    await observer.execute(CLOSE_OTHERS)
    with pytest.raises(DatabaseUnavailable) as unavailable:
        await use(opened, way)
    assert not isinstance(unavailable.value, SchemaOutdated)
    await use(opened, way)


async def test_a_server_that_goes_away_in_the_middle_of_a_write_is_unavailable(
    opened: Database, observer: asyncpg.Connection[Any]
) -> None:
    async def write() -> None:
        async with opened.write() as transaction:
            await add(transaction)
            await observer.execute(CLOSE_OTHERS)

    with pytest.raises(DatabaseUnavailable):
        await write()
    assert await names(opened) == []


async def fails(url: URL, way: str = "read") -> DatabaseUnavailable:
    """Use a database that cannot be used, and give the error; it has to say nothing of the address."""
    database = Database(create_engine(url, connect_timeout=0.5))
    try:
        with pytest.raises(DatabaseUnavailable) as unavailable:
            await use(database, way)
    finally:
        await database.close()
    assert "secret" not in str(unavailable.value)
    return unavailable.value


@pytest.mark.parametrize("way", ["read", "write"])
async def test_nobody_listens(way: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    await fails(database_url(f"postgresql://user:secret@127.0.0.1:{port}/none"), way)


async def test_a_server_that_accepts_and_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await fails(database_url(f"postgresql://user:secret@127.0.0.1:{listener.getsockname()[1]}/none"))


async def test_a_name_that_no_host_bears() -> None:
    await fails(database_url("postgresql://user:secret@host.invalid/none"))


async def test_a_socket_that_is_not_there() -> None:
    await fails(database_url("postgresql://user:secret@/none?host=/nowhere"))


async def test_a_server_that_takes_no_more_connections(migrated_database: str) -> None:
    role = f"role_{uuid.uuid4().hex}"
    owner = await asyncpg.connect(migrated_database)
    try:
        await owner.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 0")
        await fails(database_url(migrated_database).set(username=role))
    finally:
        await owner.execute(f"DROP ROLE {role}")
        await owner.close()


@pytest.mark.parametrize(
    "change", [{"database": "no_such_database"}, {"username": "no_such_role"}], ids=["database", "role"]
)
async def test_a_server_that_lets_nobody_in_cannot_be_reached_either(
    migrated_database: str, change: dict[str, str]
) -> None:
    await fails(database_url(migrated_database).set(**change))  # type: ignore[arg-type] # names of text only


@pytest.mark.parametrize("way", ["read", "write"])
async def test_a_database_that_is_not_migrated_says_what_to_run(fresh_database: str, way: str) -> None:
    database = Database(create_engine(database_url(fresh_database)))
    try:
        with pytest.raises(SchemaOutdated, match="migrate"):
            async with getattr(database, way)() as session:
                await execute(session, "SELECT id FROM teams")
    finally:
        await database.close()


async def test_a_database_that_lacks_a_column_is_outdated(opened: Database, observer: asyncpg.Connection[Any]) -> None:
    await observer.execute("ALTER TABLE teams DROP COLUMN max_history")
    with pytest.raises(SchemaOutdated):
        async with opened.read() as session:
            await session.execute(select(Team.__table__))


async def test_what_is_a_defect_of_ours_is_not_taken_for_a_missing_database(opened: Database) -> None:
    """A value that does not fit is an error of its own, not 'try again later'."""
    for statement, parameters in (
        ("SELECT CAST(:value AS integer)", {"value": 2**40}),
        ("SELECT CAST(:value AS integer)", {"value": "text"}),
        ("SELECT 1/0", {}),
        ("SELEKT", {}),
    ):
        with pytest.raises(DBAPIError) as error:
            async with opened.read() as session:
                await session.execute(text(statement), parameters)
        assert not isinstance(error.value, DatabaseUnavailable)
