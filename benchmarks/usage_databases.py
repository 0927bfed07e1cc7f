"""Databases with usage logs to measure in: a team's own, over 60 days, and some of others."""

from __future__ import annotations

import time
from datetime import date
from typing import Final

import asyncpg
import click

from db.engine import database_url
from migrations import runner

BEFORE_TOTALS: Final = "b20f6d8e41c3"
ROWS_AT_A_TIME: Final = 100_000

TEAM: Final = 1
# The last day of the longest month there is.
TODAY: Final = date(2026, 1, 31)
FIRST_OF_60_DAYS: Final = date(2025, 12, 3)

LOGS: Final = f"""
    INSERT INTO usage_logs (team_id, api_key_id, session_id, platform, model_used, tokens_used, estimated_cost, success,
        response_time_ms, timestamp)
    SELECT {TEAM}, 1 + number % 4, md5((number % 1000)::text), 'bench', 'model ' || number % 5, number % 3000,
        number % 100 * 0.0001, number % 20 <> 0, 200 + number % 1500,
        timestamp '{FIRST_OF_60_DAYS}' + interval '60 days' * (number - 1) / $3::bigint
    FROM generate_series($1::bigint, $2::bigint) AS number
"""
OWNERS: Final = """
    INSERT INTO teams (id, display_name, platform_name)
    SELECT number, number, number FROM generate_series(1, 100) AS number;
    INSERT INTO api_keys (id, key_hash, key_prefix, name, team_id)
    SELECT number, number, number, number, greatest(number - 3, 1) FROM generate_series(1, 103) AS number;
"""
OTHERS: Final = f"""
    INSERT INTO usage_logs (team_id, api_key_id, session_id, platform, model_used, timestamp)
    SELECT 2 + number % 99, 5 + number % 99, 'session', 'others', 'model ' || number % 5,
        timestamp '{FIRST_OF_60_DAYS}' + number % 60 * interval '1 day'
    FROM generate_series(1, 20000) AS number
"""

_PARTS: Final = {
    "requests": "requests / {slots}",
    "successes": "successes / {slots}",
    "tokens": "tokens / {slots}",
    "estimated_cost": "trunc(estimated_cost / {slots}, 12)",
    "response_ms": "response_ms / {slots}",
    "responses": "responses / {slots}",
}
"""What one slot of several gets of each sum; the first one keeps what is left over."""


async def make_database(address: str, size: int, slots: int) -> str:
    """Make a database with so many logs that are older than the totals, bring it to the head, and give its address.

    The totals are spread as if so many writers had been at work at all times.
    """
    name = f"bench_{size}"
    server = await asyncpg.connect(address)
    await server.execute(f"CREATE DATABASE {name}")
    await server.close()
    database = database_url(address).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    await runner.upgrade(database, BEFORE_TOTALS, report=lambda _: None)
    connection = await asyncpg.connect(database)
    await connection.execute(OWNERS)
    # Foreign keys of made-up rows need not be looked up millions of times.
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(OTHERS)
    for first in range(1, size + 1, ROWS_AT_A_TIME):
        await connection.execute(LOGS, first, min(first + ROWS_AT_A_TIME - 1, size), size)
        if first % (10 * ROWS_AT_A_TIME) == 1:
            click.echo(f"Making {size:,} logs: at {first - 1:,} …", err=True)
    await connection.execute("VACUUM (ANALYZE) usage_logs")
    began = time.perf_counter()
    await runner.upgrade(database, report=lambda line: click.echo(line, err=True))
    click.echo(f"Summing {size:,} logs took {time.perf_counter() - began:.1f} s.", err=True)
    await _spread(connection, slots)
    rows = await connection.fetchval("SELECT count(*) FROM usage_totals WHERE team_id = $1", TEAM)
    click.echo(f"They have {rows:,} rows of totals in {slots} slots.", err=True)
    await connection.execute("VACUUM (ANALYZE) usage_totals")
    await connection.execute("CHECKPOINT")
    await connection.close()
    return database


async def _spread(connection: asyncpg.Connection, slots: int) -> None:
    """Divide what the back-fill has summed into its one slot among several.

    Every sum goes to all of them, however few logs it is of: so there are as many rows in each database, and what
    differs between them is nothing but the number of logs.
    """
    keys = "team_id, day, api_key_id, model, platform"
    parts = {name: part.format(slots=slots) for name, part in _PARTS.items()}
    async with connection.transaction():
        await connection.execute(
            f"""
            INSERT INTO usage_totals ({keys}, slot, {", ".join(parts)})
            SELECT {keys}, other, {", ".join(parts.values())}
            FROM usage_totals, generate_series(0, {slots - 2}) AS other
            """
        )
        left_over = ", ".join(f"{name} = {name} - {slots - 1} * ({part})" for name, part in parts.items())
        await connection.execute(f"UPDATE usage_totals SET {left_over} WHERE slot < 0")
