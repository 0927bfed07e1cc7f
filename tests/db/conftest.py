"""A database of the process's own kind, over a migrated database of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.database import Database
from db.engine import create_engine, database_url
from tests.pooled import pooled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def opened(migrated_database: str) -> AsyncIterator[Database]:
    """A database as the process opens it, with two connections at most."""
    by_way_of_pooler = pooled(migrated_database)
    address = database_url(by_way_of_pooler or migrated_database)
    behind_pooler = by_way_of_pooler is not None
    opened = Database(create_engine(address, pool_size=2, pool_timeout=1.0, behind_pooler=behind_pooler))
    yield opened
    await opened.close()


@pytest.fixture
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in less time."""
    for name in ("_SECONDS_UNTIL_DOUBT", "_SECONDS_OF_A_TURN", "_SECONDS_BETWEEN_QUESTIONS"):
        monkeypatch.setattr(f"db.watch.{name}", 0.02)
