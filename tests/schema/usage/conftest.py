"""A team whose sessions are served, and a moment that stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

import schema.context
from tests.conftest import run_sql
from tests.schema.world import TeamRow, populate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

NOON = datetime(2024, 5, 15, 12, tzinfo=UTC)


@pytest.fixture
def team(api: RunningApi, database: str) -> TeamRow:  # noqa: ARG001 - the database is emptied before the team is made
    """A public team with two keys, of which the first owns its two sessions."""
    (team,) = populate(database, messages=0)
    return team


@pytest.fixture
def noon(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[datetime]:
    """A moment at which the server's clock stands, and which the database writes into usage logs.

    Without it, a test would fail whose steps lie on both sides of a midnight.
    """

    class StandingClock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            assert tz is UTC
            return NOON

    monkeypatch.setattr(schema.context, "datetime", StandingClock)
    by_clock = "ALTER TABLE usage_logs ALTER COLUMN timestamp SET DEFAULT timezone('utc', now())"
    run_sql(database, "ALTER TABLE usage_logs ALTER COLUMN timestamp SET DEFAULT '2024-05-15 12:00:00'")
    yield NOON
    run_sql(database, by_clock)
