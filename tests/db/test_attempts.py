"""How often work with the database is tried: for passing reasons a fixed number of times, for others once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.errors import ConnectionLost, DatabaseConflict, DatabaseUnavailable, SchemaOutdated
from tests.db.statements import execute

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from db.database import Database
    from db.transaction import Transaction

END_CONNECTION = "SELECT pg_terminate_backend(pg_backend_pid(), 5000)"
CONFLICT = "DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END $$"
NOT_MIGRATED = "SELECT FROM no_such_table"
LOCK_NOT_AVAILABLE = "DO $$ BEGIN RAISE EXCEPTION 'held' USING ERRCODE = '55P03'; END $$"


class Failing:
    """Work that fails the same way each time, or so many times, and counts its attempts."""

    def __init__(self, statement: str, *, times: int = 1_000) -> None:
        self._statement = statement
        self._times = times
        self.attempts = 0

    async def __call__(self, work: AsyncConnection | Transaction) -> str:
        self.attempts += 1
        await execute(work, self._statement if self.attempts <= self._times else "SELECT 1")
        return "done"


def way(database: Database, name: str) -> Callable[[Failing], Awaitable[str]]:
    found: Callable[[Failing], Awaitable[str]] = getattr(database, name)
    return found


@pytest.mark.parametrize(("name", "attempts"), [("fetch", 2), ("change", 3)])
@pytest.mark.parametrize(
    ("statement", "error"),
    [(END_CONNECTION, ConnectionLost), (CONFLICT, DatabaseConflict)],
    ids=["connection", "conflict"],
)
async def test_a_passing_reason_is_met_a_fixed_number_of_times(
    opened: Database, name: str, attempts: int, statement: str, error: type[DatabaseUnavailable]
) -> None:
    """A read is retried once: a database that fails everybody must not get several times its load."""
    failing = Failing(statement)
    with pytest.raises(error):
        await way(opened, name)(failing)
    assert failing.attempts == attempts


@pytest.mark.parametrize(("name", "attempts"), [("fetch", 2), ("change", 3)])
async def test_the_last_attempt_counts(opened: Database, name: str, attempts: int) -> None:
    failing = Failing(END_CONNECTION, times=attempts - 1)
    assert await way(opened, name)(failing) == "done"
    assert failing.attempts == attempts


@pytest.mark.parametrize("name", ["fetch", "change"])
@pytest.mark.parametrize(
    ("statement", "error"),
    [(NOT_MIGRATED, SchemaOutdated), (LOCK_NOT_AVAILABLE, DatabaseUnavailable)],
    ids=["not migrated", "held"],
)
async def test_a_lasting_reason_is_met_once(
    opened: Database, name: str, statement: str, error: type[DatabaseUnavailable]
) -> None:
    """What waited for its whole limit would only wait for it again."""
    failing = Failing(statement)
    with pytest.raises(error):
        await way(opened, name)(failing)
    assert failing.attempts == 1
