"""PostgreSQL itself ends what waits or works too long, over connections that lead to it directly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.database import Database
from db.engine import SERVING_LIMITS, create_engine, database_url
from db.errors import ConnectionLost, DatabaseUnavailable
from tests.api.processes import fetch
from tests.db.statements import execute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy.ext.asyncio import AsyncConnection

    from db.transaction import Transaction

WAYS = ("fetch", "change")
QUERY_CANCELED = "57014"


@pytest.fixture
async def limited(migrated_database: str) -> AsyncIterator[Database]:
    """A database with the limits of serving, of which a statement's is shorter than any limit of this side."""
    limits = {**SERVING_LIMITS, "statement_timeout": "200ms"}
    limited = Database(create_engine(database_url(migrated_database), pool_size=1, limits=limits))
    yield limited
    await limited.close()


async def limits_of(work: AsyncConnection | Transaction) -> dict[str, str]:
    return {name: (await execute(work, f"SHOW {name}"))[0][0] for name in SERVING_LIMITS}


async def work_for_long(work: AsyncConnection | Transaction) -> int:
    """Work, and wait for nobody: no lock is in the way."""
    await execute(work, "SELECT pg_sleep(30)")
    return 0


def causes(error: BaseException) -> Iterator[BaseException]:
    """Give what an error came of, with what SQLAlchemy wraps."""
    for cause in (error.__cause__, getattr(error, "orig", None)):
        if cause is not None:
            yield cause
            yield from causes(cause)


async def backend(work: AsyncConnection | Transaction) -> int:
    ((pid,),) = await execute(work, "SELECT pg_backend_pid()")
    return int(pid)


@pytest.mark.parametrize("way", WAYS)
async def test_a_connection_has_every_limit(migrated_database: str, way: str) -> None:
    database = Database(create_engine(database_url(migrated_database), limits=SERVING_LIMITS))
    try:
        assert await getattr(database, way)(limits_of) == SERVING_LIMITS
    finally:
        await database.close()


@pytest.mark.parametrize("way", WAYS)
async def test_a_statement_that_works_too_long_is_ended_by_postgresql(
    limited: Database, migrated_database: str, way: str
) -> None:
    """Its own code says so: this side would have broken the connection, which here goes on serving."""
    before = await getattr(limited, way)(backend)
    with pytest.raises(DatabaseUnavailable, match="took too long") as unavailable:
        await getattr(limited, way)(work_for_long)
    assert not isinstance(unavailable.value, ConnectionLost)
    assert QUERY_CANCELED in {getattr(error, "sqlstate", None) for error in causes(unavailable.value)}
    assert await fetch(migrated_database, "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == []
    assert await getattr(limited, way)(backend) == before
