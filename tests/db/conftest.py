"""A database of the process's own kind, over a migrated database of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.database import Database
from db.engine import create_engine, database_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def opened(migrated_database: str) -> AsyncIterator[Database]:
    """A database as the process opens it, with two connections at most."""
    opened = Database(create_engine(database_url(migrated_database), pool_size=2, pool_timeout=0.2))
    yield opened
    await opened.close()
