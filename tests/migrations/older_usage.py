"""Usage that is older than the totals, and the revisions between which it is added to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.migrations.rows import execute
from tests.migrations.usage import OWNERS, add_usage, assert_exact, connected

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

BEFORE = "b20f6d8e41c3"
COUNTING = "07e3b5c1d892"
SUMMED = "e61a94f7c20d"
COMPLETE = "4fd80b2ae735"
OLDER = 100
"""How many logs are older."""

DONE = "SELECT done, boundary FROM platform_config_backfill WHERE name = 'usage_logs'"


async def assert_exact_at_the_head(url: URL) -> None:
    """Hold that the totals are what all logs come to, and stay so when these change."""
    async with connected(url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM usage_logs")
        await assert_exact(connection)
        # And it goes on like that.
        await add_usage(connection)
        await connection.execute("UPDATE usage_logs SET request_count = request_count + 1 WHERE id % 2 = 0")
        await connection.execute("DELETE FROM usage_logs WHERE id % 3 = 0")
        await assert_exact(connection)


async def add_older_usage(existing: AsyncEngine, url: URL) -> None:
    """Write two teams and the older logs, all of the first team, whose ids are 1 to `OLDER`."""
    await execute(existing, *OWNERS)
    async with connected(url) as connection:
        await add_usage(
            connection,
            count=OLDER,
            timestamp="timestamp '2026-01-01' + generate_series * interval '1 hour'",
            model_used="nullif('m' || generate_series % 3, 'm0')",
            estimated_cost="generate_series * 0.1",
            response_time_ms="generate_series",
            success="generate_series % 5 <> 0",
        )
