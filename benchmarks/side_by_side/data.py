"""The rows that are asked about: teams with overrides, two keys each, sessions and usage."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import click

from db.engine import database_url
from migrations import runner

if TYPE_CHECKING:
    from collections.abc import Sequence

TEAMS_MINIMUM: Final = 200
ROWS_AT_A_TIME: Final = 100_000

FIRST_DAY: Final = date(2026, 1, 2)
END: Final = date(2026, 2, 1)
"""The end of the 30 days that usage is asked of; there are logs of 30 days more before them."""

_DATABASE: Final = "side_by_side"

# Of four teams in a row one overrides nothing, and a third of all is public.
_TEAMS: Final = """
    INSERT INTO teams (display_name, platform_name, platform_type, monthly_quota, daily_quota, is_active, created_at,
        updated_at, rate_limit, max_history, available_models, default_model, allow_model_switch)
    SELECT 'Team ' || to_char(number, 'FM000000'), 'team-' || to_char(number, 'FM000000'),
        CASE number % 3 WHEN 0 THEN 'public' ELSE 'private' END, 100000, 5000, number % 10 <> 0,
        timestamp '2026-01-01' + number * interval '1 second', timestamp '2026-01-01' + number * interval '1 second',
        CASE WHEN number % 4 IN (1, 2) THEN 30 + number % 100 END,
        CASE WHEN number % 4 = 2 THEN 20 + number % 50 END,
        CASE WHEN number % 4 = 2 THEN '["openai/gpt-4", "anthropic/claude-sonnet-4"]'::json END,
        CASE WHEN number % 4 = 3 THEN 'openai/gpt-4o-mini' END,
        CASE WHEN number % 4 = 3 THEN false END
    FROM generate_series($1::bigint, $2::bigint) AS number
"""
_API_KEYS: Final = """
    INSERT INTO api_keys (key_hash, key_prefix, name, team_id, created_at, created_by, expires_at)
    SELECT encode(sha256(('key ' || number)::bytea), 'hex'), 'ak_' || to_char(number, 'FM000000000'),
        'Key ' || number, 1 + (number - 1) / 2, timestamp '2026-01-02 03:04:05.678' + number * interval '1 second',
        'bench', CASE WHEN number % 2 = 0 THEN timestamp '2099-01-01' END
    FROM generate_series($1::bigint, $2::bigint) AS number
"""
_SESSIONS: Final = """
    INSERT INTO chat_sessions (session_id, platform, team_id, api_key_id, user_id, created_at, last_activity_at)
    SELECT md5(team.platform_name || ':' || team.id || ':user-' || number), team.platform_name, team.id,
        2 * team.id - number % 2, 'user-' || number,
        timestamptz '2026-01-03 00:00:00+00' + number * interval '1 second',
        timestamptz '2026-01-04 00:00:00.123456+00' + number * interval '1 second'
    FROM generate_series($1::bigint, $2::bigint) AS number
    JOIN teams AS team ON team.id = 1 + (number - 1) % $3::bigint
"""
_USAGE: Final = """
    INSERT INTO usage_logs (team_id, api_key_id, session_id, platform, model_used, tokens_used, estimated_cost, success,
        response_time_ms, timestamp)
    SELECT team, 2 * team - number % 2, md5(number::text), 'bench', 'model ' || number % 3, number % 3000,
        number % 100 * 0.0001, number % 20 <> 0, 200 + number % 1500,
        timestamp '2025-12-03' + number % 60 * interval '1 day' + number % 86400 * interval '1 second'
    FROM generate_series($1::bigint, $2::bigint) AS number,
        LATERAL (SELECT (1 + (number - 1) * $3::bigint / $4::bigint)::integer AS team) AS of_number
"""
_TABLES: Final = "teams, team_revisions, api_keys, chat_sessions, usage_logs, usage_totals"


def platform_name(number: int) -> str:
    """Give the platform name of a team of the data."""
    return f"team-{number:06}"


async def make_database(address: str, *, teams: int, sessions: int, usage: int) -> str:
    """Make a database on a server, fill it, and give its address."""
    server = await asyncpg.connect(address)
    await server.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")
    await server.execute(f"CREATE DATABASE {_DATABASE}")
    # What is compared is programs. Waiting for the disk would make all changes alike.
    await server.execute(f"ALTER DATABASE {_DATABASE} SET synchronous_commit = off")
    await server.close()
    url = database_url(address).set(drivername="postgresql", database=_DATABASE)
    database = url.render_as_string(hide_password=False)
    await runner.upgrade(database, report=lambda _: None)
    connection = await asyncpg.connect(database)
    # Foreign keys of made-up rows need not be looked up millions of times; usage is added up all the same.
    await connection.execute("ALTER TABLE usage_logs ENABLE ALWAYS TRIGGER platform_config_add_usage_insert")
    await connection.execute("SET session_replication_role = replica")
    for what, statement, rows, parameters in (
        ("teams", _TEAMS, teams, ()),
        ("keys", _API_KEYS, 2 * teams, ()),
        ("sessions", _SESSIONS, sessions, (teams,)),
        ("usage logs", _USAGE, usage, (teams, usage)),
    ):
        await _insert(connection, what, statement, rows, parameters)
    await connection.execute("ALTER TABLE usage_logs ENABLE TRIGGER platform_config_add_usage_insert")
    await connection.execute(f"VACUUM (ANALYZE) {_TABLES}")
    await connection.execute("CHECKPOINT")
    await connection.close()
    return database


async def _insert(
    connection: asyncpg.Connection, what: str, statement: str, rows: int, parameters: Sequence[Any]
) -> None:
    for first in range(1, rows + 1, ROWS_AT_A_TIME):
        last = min(first + ROWS_AT_A_TIME - 1, rows)
        await connection.execute(statement, first, last, *parameters)
        if last == rows or first // ROWS_AT_A_TIME % 10 == 0:
            click.echo(f"Making {rows:,} {what}: {last:,} there …", err=True)
