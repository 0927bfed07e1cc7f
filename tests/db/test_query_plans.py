"""What is asked at every request is found by an index, however many rows there are."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from db.queries import usage
from db.queries.admission import admission_state
from db.queries.api_keys import credentials
from domain.api_key import digest
from domain.quota import QuotaPeriods
from domain.usage_period import UsagePeriod
from domain.viewer import Admin
from tests.sent_statements import noting_statements

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from db.database import Database

ADMIN = Admin("tester")
PERIODS = QuotaPeriods.at(datetime(2024, 5, 15, tzinfo=UTC))
PERIOD = UsagePeriod(date(2024, 1, 1), date(2025, 1, 1))

# Enough that reading them all would cost more than finding a few.
ROWS = (
    "INSERT INTO teams (display_name, platform_name) SELECT n::text, n::text FROM generate_series(1, 200) AS n",
    (
        "INSERT INTO api_keys (key_hash, previous_key_hash, key_prefix, name, team_id)"
        " SELECT 'new' || n, 'old' || n, 'p', 'k', 1 + n % 200 FROM generate_series(1, 20000) AS n"
    ),
    (
        "INSERT INTO chat_sessions (session_id, platform, team_id, user_id)"
        " SELECT n::text, 'p', 1 + n % 200, n::text FROM generate_series(1, 2000) AS n"
    ),
    (
        "INSERT INTO usage_logs (team_id, api_key_id, session_id, platform, model_used, timestamp)"
        " SELECT 1 + n % 200, 1 + n % 2000, 's', 'p', 'm', timestamp '2024-05-01' + make_interval(hours => n % 720)"
        " FROM generate_series(1, 60000) AS n"
    ),
    (
        "INSERT INTO usage_logs (session_id, platform, model_used, timestamp)"
        " SELECT 's', 'p' || n % 50, 'm', timestamp '2024-01-01' + make_interval(hours => n)"
        " FROM generate_series(1, 8000) AS n"
    ),
    "ANALYZE",
)

QUERIES: dict[str, tuple[Callable[[Database], Awaitable[object]], tuple[str, ...]]] = {
    "used by teams": (lambda database: usage.used_by_teams(database, ADMIN, [1, 2], PERIODS), ("usage_totals_pkey",)),
    "used by keys": (lambda database: usage.used_by_keys(database, ADMIN, [1, 2], PERIODS), ("usage_totals_pkey",)),
    "used by platforms": (
        lambda database: usage.used_by_platforms(database, ADMIN, ["p1"], PERIODS),
        ("usage_totals_pkey",),
    ),
    "usage of teams": (lambda database: usage.by_teams(database, ADMIN, [1], PERIOD), ("usage_totals_pkey",)),
    "models of teams": (lambda database: usage.models_by_teams(database, ADMIN, [1], PERIOD), ("usage_totals_pkey",)),
    "admission": (
        lambda database: admission_state(database, ADMIN, 7, PERIODS),
        ("usage_totals_pkey", "chat_sessions_pkey"),
    ),
}


@pytest.fixture
async def filled(migrated_database: str) -> str:
    """The address of a database with many rows of each kind."""
    connection = await asyncpg.connect(migrated_database)
    try:
        for statement in ROWS:
            await connection.execute(statement)
    finally:
        await connection.close()
    return migrated_database


async def plan(opened: Database, address: str, query: Callable[[Database], Awaitable[object]]) -> str:
    """Give the plan of the only statement that a query sends."""
    sent: list[tuple[str, Any]] = []
    with noting_statements(opened.engine.sync_engine, lambda *statement: sent.append(statement)):
        await query(opened)
    ((statement, parameters),) = sent
    connection = await asyncpg.connect(address)
    try:
        return "\n".join([line for (line,) in await connection.fetch(f"EXPLAIN {statement}", *parameters)])
    finally:
        await connection.close()


async def test_both_secrets_of_a_key_are_found_in_one_look_up_by_their_indexes(opened: Database, filled: str) -> None:
    found = await plan(opened, filled, lambda database: credentials(database, digest("any")))
    assert "BitmapOr" in found
    assert "Bitmap Index Scan on ix_api_keys_key_hash" in found
    assert "Bitmap Index Scan on ix_api_keys_previous_key_hash" in found
    assert "Seq Scan on api_keys" not in found


@pytest.mark.parametrize("name", QUERIES)
async def test_quotas_and_usage_are_found_by_the_key_of_the_totals(opened: Database, filled: str, name: str) -> None:
    query, indexes = QUERIES[name]
    found = await plan(opened, filled, query)
    for index in indexes:
        assert index in found, found
    assert re.search(r"Index Cond: \(\(team_id = .+\) AND \(day >= ", found), found
    assert "Seq Scan on usage_totals" not in found
    assert "usage_logs" not in found
