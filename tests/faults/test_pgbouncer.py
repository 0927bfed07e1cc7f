"""Behind PgBouncer in transaction mode everything works the same, though each transaction has another connection."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy import func, literal, select, text

from db.commands.busy_key import hold_busy_key
from db.database import Database
from db.engine import SERVING_LIMITS, create_engine, database_url
from db.errors import DatabaseUnavailable
from db.statement import Statement
from tests.api.processes import ADMIN_KEY, fetch, run, serving, wait_for
from tests.db.statements import execute
from tests.faults.ledger import Ledger
from tests.faults.pgbouncer import PROGRAM, pgbouncer_to
from tests.faults.proxy import Proxy, proxy_to
from tests.faults.requests import CREATE, DEEP, TEAMS, Timed, assert_back, assert_unavailable, timed
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from db.transaction import Transaction
    from tests.running_api import RunningApi

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists() and os.environ.get("CI") != "true",
    reason="PgBouncer is not installed: apt install pgbouncer",
)

LIMITS = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"


@pytest.fixture
def pooled(tmp_path: Path, migrated_database: str) -> Iterator[str]:
    """The address of a database of the test's own by way of PgBouncer."""
    with pgbouncer_to(migrated_database, tmp_path) as address:
        yield address


@pytest.fixture
def proxied(tmp_path: Path, migrated_database: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy between PgBouncer and PostgreSQL, and the address of PgBouncer."""
    with proxy_to(migrated_database) as proxy, pgbouncer_to(proxy.address, tmp_path) as address:
        yield proxy, address


@pytest.fixture
def api(pooled: str) -> Iterator[RunningApi]:
    """A server behind PgBouncer, with more connections to it than it has to PostgreSQL."""
    with running_api(pooled, database_pooler="pgbouncer", database_pool_size=12) as api:
        yield api


def in_database_of(address: str, query: str) -> list[asyncpg.Record]:
    return asyncio.run(fetch(address, query))


def sleeps(database: str) -> bool:
    return bool(in_database_of(database, "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))


def test_changes_and_reads_at_once_are_whole(migrated_database: str, api: RunningApi) -> None:
    """Four times as many connections as PgBouncer has, each statement and transaction on whichever is free."""
    ledger = Ledger()
    never = threading.Event()
    with ThreadPoolExecutor(12) as threads:
        writers = [threads.submit(ledger.write, api, str(name), until=never, changes=30) for name in range(6)]
        readers = [threads.submit(api.post, DEEP) for _ in range(150)]
        for writer in writers:
            writer.result()
        for reader in readers:
            body = reader.result().json()
            assert "errors" not in body, body
    assert ledger.unanswered.total() == 0
    asyncio.run(ledger.check(migrated_database))


def test_a_row_that_is_held_gives_its_connections_back(migrated_database: str, api: RunningApi) -> None:
    """The limit on waiting holds although nothing can be said of a connection when it is made."""
    created = api.execute(CREATE, {"name": "held"})["createTeam"]["team"]["id"]
    change = f'mutation {{ updateTeam(input: {{id: "{created}", dailyQuota: 7}}) {{ __typename }} }}'

    async def hold() -> Timed:
        connection = await asyncpg.connect(migrated_database)
        try:
            async with connection.transaction():
                await connection.execute("SELECT FROM teams FOR UPDATE")
                return await asyncio.to_thread(timed, api, change)
        finally:
            await connection.close()

    assert_unavailable(asyncio.run(hold()))
    assert api.execute(change) == {"updateTeam": {"__typename": "UpdateTeamSuccess"}}


async def test_the_limits_of_a_transaction_end_with_it(pooled: str) -> None:
    """The next on the same connection, whoever it is, has limits of its own."""
    database = Database(create_engine(database_url(pooled), limits=SERVING_LIMITS, behind_pooler=True))
    outside = await asyncpg.connect(pooled, statement_cache_size=0)
    try:
        for _ in range(8):
            assert await database.change(limits_of) == ("3s", "10s")
            assert tuple(await outside.fetchrow(LIMITS)) == ("0", "0")
    finally:
        await outside.close()
        await database.close()


async def test_a_busy_key_is_held_within_its_limits_and_no_longer(pooled: str, migrated_database: str) -> None:
    """The default of a connection to which nothing was said would be no limit at all."""
    for address, is_pooled in ((pooled, True), (migrated_database, False)):
        database = Database(create_engine(database_url(address), limits=SERVING_LIMITS, behind_pooler=is_pooled))
        try:
            assert await database.change(limits_after_holding_a_key) == ("3s", "10s"), is_pooled
        finally:
            await database.close()
    outside = await asyncpg.connect(pooled, statement_cache_size=0)
    assert tuple(await outside.fetchrow(LIMITS)) == ("0", "0")
    await outside.close()


async def limits_after_holding_a_key(transaction: Transaction) -> tuple[str, str]:
    assert await hold_busy_key(transaction, 1) is None, "there is none, and it was looked for"
    return await limits_of(transaction)


async def limits_of(transaction: Transaction) -> tuple[str, str]:
    ((lock, statement),) = await execute(transaction, LIMITS)
    return lock, statement


async def test_a_read_has_a_limit_too(pooled: str, monkeypatch: pytest.MonkeyPatch, migrated_database: str) -> None:
    """Given up on this side, it ends in PostgreSQL as well."""
    monkeypatch.setattr("db.engine._SECONDS_OF_A_STATEMENT", 1)
    database = Database(create_engine(database_url(pooled), limits=SERVING_LIMITS, behind_pooler=True))
    try:
        with pytest.raises(DatabaseUnavailable):
            await database.fetch(lambda session: session.execute(text("SELECT pg_sleep(60)")))
        await asyncio.to_thread(wait_for, lambda: not sleeps(migrated_database), "the end of it")
        assert await database.fetch(lambda session: session.scalar(text("SELECT 1"))) == 1
    finally:
        await database.close()


async def test_a_statement_that_takes_its_time_is_let_be(pooled: str) -> None:
    """PgBouncer's connections have processes of its own, which PostgreSQL knows nothing of."""
    database = Database(create_engine(database_url(pooled), limits=SERVING_LIMITS, behind_pooler=True))
    try:
        assert await database.rows(Statement(select(literal(7)).select_from(func.pg_sleep(4)))) == [(7,)]
    finally:
        await database.close()


async def test_a_read_that_is_cancelled_ends_in_postgresql(pooled: str, migrated_database: str) -> None:
    database = Database(create_engine(database_url(pooled), limits=SERVING_LIMITS, behind_pooler=True))
    try:
        read = asyncio.create_task(database.fetch(lambda session: session.execute(text("SELECT pg_sleep(60)"))))
        await asyncio.to_thread(wait_for, lambda: sleeps(migrated_database), "the statement")
        read.cancel()
        with pytest.raises(asyncio.CancelledError):
            await read
        await asyncio.to_thread(wait_for, lambda: not sleeps(migrated_database), "the end of it")
    finally:
        await database.close()


def test_nothing_prepared_is_left_in_postgresql(migrated_database: str, pooled: str, api: RunningApi) -> None:
    """What has a name stays with a connection that others use next."""
    api.execute(CREATE, {"name": "a"})
    api.execute(DEEP)

    async def prepared() -> list[int]:
        connection = await asyncpg.connect(pooled, statement_cache_size=0)
        try:
            return [
                await connection.fetchval("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''")
                for _ in range(5)
            ]
        finally:
            await connection.close()

    assert set(asyncio.run(prepared())) == {0}
    assert len(in_database_of(migrated_database, "SELECT FROM teams")) == 1


def test_a_postgresql_that_freezes_behind_pgbouncer(proxied: tuple[Proxy, str]) -> None:
    proxy, address = proxied
    with running_api(address, database_pooler="pgbouncer") as api:
        with ThreadPoolExecutor(10) as threads:
            assert {answer.status_code for answer in threads.map(api.post, [DEEP] * 20)} == {200}
            proxy.freeze()
            for answer in [threads.submit(timed, api, document) for document in (TEAMS, DEEP) for _ in range(4)]:
                assert_unavailable(answer.result())
        assert api.client.get(f"{api.address}/readyz").status_code == 503
        proxy.thaw()
        assert_back(api)


def test_connections_that_are_cut_behind_pgbouncer(proxied: tuple[Proxy, str]) -> None:
    proxy, address = proxied
    with running_api(address, database_pooler="pgbouncer") as api:
        api.execute(DEEP)
        assert proxy.cut() > 0
        api.execute(DEEP)
        proxy.cut()
        api.execute(CREATE, {"name": "a"})


@pytest.mark.parametrize(
    "more",
    ["", "ignore_startup_parameters = lock_timeout,statement_timeout,idle_in_transaction_session_timeout"],
    ids=["refusing", "ignoring"],
)
def test_a_pooler_that_nobody_told_us_of_is_named(tmp_path: Path, migrated_database: str, more: str) -> None:
    """Whether it refuses what we say of a connection or swallows it, and before anything has gone wrong."""
    with pgbouncer_to(migrated_database, tmp_path, more=more) as address, running_api(address) as api:
        assert_unavailable(timed(api, TEAMS))
        assert "DATABASE_POOLER=pgbouncer" in api.client.get(f"{api.address}/readyz").json()["database"]


def test_the_commands_say_what_they_need(tmp_path: Path, migrated_database: str, pooled: str) -> None:
    """Migrations hold a lock of the session, so they need PostgreSQL's own address; everything else does not."""
    assert run("migrate", directory=tmp_path, DATABASE_URL=migrated_database).returncode == 0
    for pooler in ("none", "pgbouncer"):
        refused = run("migrate", directory=tmp_path, DATABASE_URL=pooled, DATABASE_POOLER=pooler)
        assert (refused.returncode, "PostgreSQL's own address" in refused.stderr) == (1, True), refused.stderr
    unsaid = {"DATABASE_URL": pooled, "SUPER_ADMIN_API_KEYS": f"ops:{ADMIN_KEY}"}
    refused = run("serve", "--port", "0", directory=tmp_path, **unsaid)
    assert (refused.returncode, "set DATABASE_POOLER=pgbouncer" in refused.stderr) == (1, True), refused.stderr
    settings = unsaid | {"DATABASE_POOLER": "pgbouncer"}
    seeded = run("seed", "--teams", "3", directory=tmp_path, **settings)
    assert seeded.returncode == 0, seeded.stderr
    with serving(tmp_path, "--workers", "2", **settings) as server:
        assert server.execute(TEAMS)["teams"]["totalCount"] == 3
        assert server.get("/readyz").status_code == 200
