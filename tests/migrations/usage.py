"""Usage logs to be counted, and what they come to: by the database's totals, and counted anew."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import TypeAlias

    from sqlalchemy.engine import URL

    Connection: TypeAlias = asyncpg.Connection[Any]

OWNERS = (
    "INSERT INTO teams (id, display_name, platform_name) VALUES (1, 'one', 'one'), (2, 'two', 'two')",
    "INSERT INTO api_keys (id, key_hash, key_prefix, name, team_id) VALUES (1, 'a', 'a', '', 1), (2, 'b', 'b', '', 2)",
)
"""Two teams with a key each."""

_HELD = """
    SELECT team_id, day::text, api_key_id, model, platform, sum(requests), sum(successes), sum(tokens),
        sum(estimated_cost), sum(response_ms), sum(responses)
    FROM usage_totals GROUP BY 1, 2, 3, 4, 5
"""
_COUNTED_ANEW = """
    SELECT coalesce(team_id, 0), timestamp::date::text, coalesce(api_key_id, 0), coalesce(model_used, ''),
        CASE WHEN team_id IS NULL THEN platform ELSE '' END,
        sum(request_count), coalesce(sum(request_count) FILTER (WHERE success), 0), coalesce(sum(tokens_used), 0),
        coalesce(sum(round(estimated_cost::numeric, 12)) FILTER (
            WHERE estimated_cost NOT IN ('NaN', 'Infinity', '-Infinity')
        ), 0),
        coalesce(sum(response_time_ms), 0), count(response_time_ms)
    FROM usage_logs GROUP BY 1, 2, 3, 4, 5
"""


@asynccontextmanager
async def connected(address: str | URL, *, lock_timeout: str = "30s") -> AsyncIterator[Connection]:
    """Connect as another program does; a wait for a lock that lasts fails the test."""
    if not isinstance(address, str):
        address = address.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(address, server_settings={"lock_timeout": lock_timeout})
    try:
        yield connection
    finally:
        await connection.close()


async def add_usage(connection: Connection, *, count: int = 1, **columns: str) -> None:
    """Insert logs of team 1, with other columns as SQL."""
    values = {"team_id": "1", "api_key_id": "1", "session_id": "'s'", "platform": "'one'"} | columns
    await connection.execute(
        f"INSERT INTO usage_logs ({', '.join(values)})"  # noqa: S608 - SQL of the tests
        f" SELECT {', '.join(values.values())} FROM generate_series(1, {count})"
    )


async def held(connection: Connection) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Give the sums that the database holds, by team, day, key, model and platform."""
    return _by_key(await connection.fetch(_HELD))


async def counted_anew(connection: Connection) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Give the sums of all logs."""
    return _by_key(await connection.fetch(_COUNTED_ANEW))


async def assert_exact(connection: Connection) -> None:
    """Hold that both are the same."""
    async with connection.transaction(isolation="repeatable_read"):
        assert await held(connection) == await counted_anew(connection)


def _by_key(rows: list[asyncpg.Record]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    # Sums that came to nothing are as good as none.
    return {tuple(row)[:5]: tuple(row)[5:] for row in rows if any(tuple(row)[5:])}
