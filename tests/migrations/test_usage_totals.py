"""The database's totals are what the logs add up to, whatever is done to the logs."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import run_sql
from tests.migrations.usage import OWNERS, add_usage, assert_exact, connected, counted_anew, held

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.migrations.usage import Connection

COLUMNS = {
    "team_id": ("integer", st.sampled_from([None, 1, 2])),
    "api_key_id": ("integer", st.sampled_from([None, 1, 2])),
    "platform": ("text", st.sampled_from(["one", "Two", ""])),
    "model_used": ("text", st.sampled_from([None, "", "a", "A", "ü"])),
    "request_count": ("integer", st.sampled_from([1, 0, -1, 7, 2**31 - 1])),
    "tokens_used": ("integer", st.sampled_from([None, 0, 5, -5, 2**31 - 1])),
    "estimated_cost": (
        "float8",
        st.sampled_from([None, 0.0, 0.1, 0.2, -0.25, 1e-13, 1e300, float("nan"), float("inf"), -float("inf")]),
    ),
    "success": ("boolean", st.booleans()),
    "response_time_ms": ("integer", st.sampled_from([None, 0, 7, -1])),
    "timestamp": (
        "timestamp",
        # PostgreSQL's infinity and minus infinity, and both sides of a midnight.
        st.sampled_from([datetime.max, datetime.min, datetime(2026, 1, 31, 23, 59, 59, 999999), datetime(2026, 2, 1)]),  # noqa: DTZ001, DTZ901 - the column has no zone
    ),
}
LOGS = st.lists(st.tuples(*(values for _, values in COLUMNS.values())), min_size=1, max_size=4)
SOME = st.tuples(st.integers(1, 3), st.integers(0, 2))
CHANGES = st.one_of(
    st.tuples(st.just("insert"), LOGS),
    st.sampled_from(sorted(COLUMNS)).flatmap(
        lambda name: st.tuples(st.just("update"), st.just(name), COLUMNS[name][1], SOME)
    ),
    st.tuples(st.just("delete"), SOME),
    st.tuples(st.just("take back"), LOGS, SOME),
)


@pytest.fixture
def owned_database(migrated_database: str) -> str:
    """The address of a database with teams and keys."""
    run_sql(migrated_database, *OWNERS)
    return migrated_database


async def insert(connection: Connection, logs: Sequence[tuple[Any, ...]]) -> None:
    arrays = ", ".join(f"${place}::{kind}[]" for place, (kind, _) in enumerate(COLUMNS.values(), 1))
    await connection.execute(
        f"INSERT INTO usage_logs (session_id, {', '.join(COLUMNS)}) SELECT 's', * FROM unnest({arrays})",  # noqa: S608 - SQL of the tests
        *(list(column) for column in zip(*logs, strict=True)),
    )


async def change(connection: Connection, kind: str, *arguments: Any) -> None:
    match kind:
        case "insert":
            await insert(connection, arguments[0])
        case "update":
            name, value, (divisor, rest) = arguments
            statement = f"UPDATE usage_logs SET {name} = $1 WHERE id % {divisor} = {rest}"  # noqa: S608 - SQL of the tests
            await connection.execute(statement, value)
        case "delete":
            divisor, rest = arguments[0]
            await connection.execute(f"DELETE FROM usage_logs WHERE id % {divisor} = {rest}")  # noqa: S608 - SQL of the tests
        case "take back":
            savepoint = connection.transaction()
            await savepoint.start()
            await insert(connection, arguments[0])
            await change(connection, "delete", arguments[1])
            await savepoint.rollback()


# Each example is a transaction that is rolled back, so the database is the same for all.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, max_size=8), isolation=st.sampled_from(["read_committed", "serializable"]))
def test_totals_equal_the_logs_after_any_changes(owned_database: str, changes: list[Any], isolation: Any) -> None:
    async def run() -> None:
        async with connected(owned_database) as connection:
            transaction = connection.transaction(isolation=isolation)
            await transaction.start()
            for kind, *arguments in changes:
                await change(connection, kind, *arguments)
            assert await held(connection) == await counted_anew(connection)
            await transaction.rollback()
            assert await held(connection) == {}, "what was rolled back left nothing"

    asyncio.run(run())


async def test_a_log_counts_by_team_day_key_and_model(owned_database: str) -> None:
    async with connected(owned_database) as connection:
        # The zone of the connection is none of the stored timestamps' business: they are UTC.
        await connection.execute("SET timezone = 'Asia/Kathmandu'")
        await add_usage(
            connection,
            timestamp="'2026-03-31 23:59'",
            model_used="'m'",
            request_count="3",
            tokens_used="10",
            estimated_cost="0.1",
            response_time_ms="250",
        )
        await add_usage(
            connection, count=2, timestamp="'2026-03-31 00:00'", model_used="'m'", estimated_cost="0.2", success="false"
        )
        await add_usage(connection, team_id="NULL", api_key_id="NULL", timestamp="'2026-04-01 00:00'")
        sums = {key: tuple(map(float, values)) for key, values in (await held(connection)).items()}

    assert sums == {
        (1, "2026-03-31", 1, "m", ""): (5, 3, 10, 0.5, 250, 1),
        (0, "2026-04-01", 0, "", "one"): (1, 1, 0, 0, 0, 0),
    }


async def test_a_change_of_what_is_not_counted_writes_no_total(owned_database: str) -> None:
    async with connected(owned_database) as connection:
        await add_usage(connection)
        before = await connection.fetch("SELECT xmin, ctid, usage_totals FROM usage_totals")
        await connection.execute("UPDATE usage_logs SET error_message = 'x', session_id = 'y'")
        assert await connection.fetch("SELECT xmin, ctid, usage_totals FROM usage_totals") == before


@pytest.mark.parametrize(
    "tables", ["usage_logs", "usage_logs, usage_totals", "usage_totals, usage_logs", "teams CASCADE"]
)
async def test_a_truncation_leaves_no_totals(owned_database: str, tables: str) -> None:
    async with connected(owned_database) as connection:
        await add_usage(connection, count=3)
        await connection.execute(f"TRUNCATE {tables}")
        assert await connection.fetch("SELECT FROM usage_totals") == []
        await add_usage(connection, team_id="NULL", api_key_id="NULL")
        await assert_exact(connection)


async def test_a_program_without_a_right_to_the_totals_is_counted_all_the_same(owned_database: str) -> None:
    """The earlier service may have an account of its own, which was given its own tables only."""
    async with connected(owned_database) as connection, connection.transaction():
        await connection.execute("CREATE ROLE earlier_service")
        await connection.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON usage_logs TO earlier_service")
        await connection.execute("GRANT USAGE ON SEQUENCE usage_logs_id_seq TO earlier_service")
        await connection.execute("SET LOCAL ROLE earlier_service")
        # A table that it puts in the way is not taken for ours.
        await connection.execute("CREATE TEMPORARY TABLE usage_totals (team_id integer)")
        await add_usage(connection, count=2)
        await connection.execute("UPDATE usage_logs SET request_count = 5 WHERE id = (SELECT min(id) FROM usage_logs)")
        await connection.execute("RESET ROLE")
        await connection.execute("DROP TABLE pg_temp.usage_totals")
        assert await connection.fetchval("SELECT sum(requests) FROM usage_totals") == 6
        await connection.execute("DROP OWNED BY earlier_service")
        await connection.execute("DROP ROLE earlier_service")
