"""Access to the database: what reads and writes are on the wire, and what they say when there is no database."""

from __future__ import annotations

import asyncio
import socket
import uuid
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.database import Database, ReadSession, WriteSession
from db.engine import create_engine, database_url
from db.errors import DatabaseUnavailable, SchemaOutdated
from db.models import Team
from tests.pooled import POOLED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.engine import URL

CLOSE_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
async def observer(migrated_database: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """Another connection to the same database, to look at the first ones from outside."""
    connection = await asyncpg.connect(migrated_database)
    yield connection
    await connection.close()


async def add(session: WriteSession, name: str = "acme") -> None:
    await session.execute(insert(Team).values(display_name=name, platform_name=name))


async def names(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(Team.platform_name).order_by(Team.id)))


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
        await session.execute(text("SELECT 1"))


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
        async with opened.write() as session:
            await add(session)
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
                await session.execute(select(Team.id))
    finally:
        await database.close()


async def test_a_database_that_lacks_a_column_is_outdated(opened: Database, observer: asyncpg.Connection[Any]) -> None:
    await observer.execute("ALTER TABLE teams DROP COLUMN max_history")
    with pytest.raises(SchemaOutdated):
        async with opened.read() as session:
            await session.execute(select(Team))


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


async def test_an_error_hides_the_parameters_of_its_statement(opened: Database) -> None:
    """What the statement was about may be the digest of a key."""
    with pytest.raises(DBAPIError) as error:
        async with opened.read() as session:
            await session.execute(text("SELECT CAST(CAST(:value AS text) AS json)"), {"value": "a-secret"})
    shown = str(error.value).split("[SQL:")[1]
    assert "a-secret" not in shown
    assert "hidden" in shown
