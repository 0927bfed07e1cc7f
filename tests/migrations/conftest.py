"""A database for each test, at the revision where it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from db.engine import database_url
from migrations import runner
from tests.migrations.batches import make_batches_small
from tests.migrations.older_usage import add_older_usage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.engine import URL


@pytest.fixture
def url(fresh_database: str) -> URL:
    """The address of an empty database."""
    return database_url(fresh_database)


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


@pytest.fixture
async def with_older_usage(existing: AsyncEngine, url: URL, monkeypatch: pytest.MonkeyPatch) -> AsyncEngine:
    """Such a database with usage that is older than its totals, of which small batches are added at a time."""
    make_batches_small(monkeypatch)
    await add_older_usage(existing, url)
    return existing
