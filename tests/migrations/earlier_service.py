"""The earlier service: a database as it makes it, with rows, and the statements by which it goes on working."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from domain.api_key import digest
from migrations import runner
from tests.migrations.catalog import catalog
from tests.migrations.rows import TABLES, all_rows, columns_of, execute, select

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

DESCRIBED: Final = "71521c6321dc"
LATER: Final = "850df83abd23"

SECRET: Final = "ak_handed-out-years-ago-to-the-telegram-bot_xx"
SECOND_SECRET: Final = "ak_of-the-marketing-team-and-as-old-as-the-oth"

# Its defaults are in Python for the most part; the rest is as its migrations left it.
TABLES_OF_ITS_MAKING: Final = (
    """
    CREATE TABLE teams (
        id SERIAL NOT NULL, display_name VARCHAR(255) NOT NULL, platform_name VARCHAR(255) NOT NULL,
        monthly_quota INTEGER, daily_quota INTEGER, is_active BOOLEAN DEFAULT true NOT NULL,
        created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT NOW() NOT NULL,
        updated_at TIMESTAMP WITHOUT TIME ZONE DEFAULT NOW() NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE api_keys (
        id SERIAL NOT NULL, key_hash VARCHAR(64) NOT NULL, key_prefix VARCHAR(16) NOT NULL, name VARCHAR(255) NOT NULL,
        team_id INTEGER NOT NULL, monthly_quota INTEGER, daily_quota INTEGER, is_active BOOLEAN NOT NULL,
        created_by VARCHAR(255), description TEXT, created_at TIMESTAMP DEFAULT NOW(),
        last_used_at TIMESTAMP WITHOUT TIME ZONE, expires_at TIMESTAMP WITHOUT TIME ZONE,
        PRIMARY KEY (id), FOREIGN KEY (team_id) REFERENCES teams (id)
    )
    """,
    """
    CREATE TABLE usage_logs (
        id SERIAL NOT NULL, api_key_id INTEGER NOT NULL, team_id INTEGER NOT NULL, session_id VARCHAR(64) NOT NULL,
        platform VARCHAR(50) NOT NULL, model_used VARCHAR(255), request_count INTEGER NOT NULL, tokens_used INTEGER,
        estimated_cost FLOAT, success BOOLEAN NOT NULL, response_time_ms INTEGER, error_message TEXT,
        timestamp TIMESTAMP WITHOUT TIME ZONE NOT NULL,
        PRIMARY KEY (id), FOREIGN KEY (api_key_id) REFERENCES api_keys (id), FOREIGN KEY (team_id) REFERENCES teams (id)
    )
    """,
    """
    CREATE TABLE messages (
        id SERIAL NOT NULL, team_id INTEGER, api_key_id INTEGER, platform VARCHAR(50) NOT NULL,
        user_id VARCHAR(255) NOT NULL, role VARCHAR(20) NOT NULL, content TEXT NOT NULL,
        cleared_at TIMESTAMP WITHOUT TIME ZONE, created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
        PRIMARY KEY (id), FOREIGN KEY (team_id) REFERENCES teams (id), FOREIGN KEY (api_key_id) REFERENCES api_keys (id)
    )
    """,
    "CREATE UNIQUE INDEX ix_teams_display_name ON teams (display_name)",
    "CREATE UNIQUE INDEX ix_teams_platform_name ON teams (platform_name)",
    "CREATE UNIQUE INDEX ix_api_keys_key_hash ON api_keys (key_hash)",
    "CREATE INDEX ix_api_keys_team_id ON api_keys (team_id)",
    *(
        f"CREATE INDEX ix_usage_logs_{column} ON usage_logs ({column})"
        for column in ("api_key_id", "team_id", "session_id", "timestamp")
    ),
    *(
        f"CREATE INDEX ix_messages_{column} ON messages ({column})"
        for column in ("team_id", "api_key_id", "platform", "user_id", "created_at")
    ),
    (
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc"
        " PRIMARY KEY (version_num))"
    ),
)

# The fifth team's name is what a migration made of another text; the fourth has quotas beyond today's bounds.
ROWS_OF_ITS_WRITING: Final = (
    """
    INSERT INTO teams (display_name, platform_name, monthly_quota, daily_quota, is_active, created_at, updated_at)
    VALUES ('Telegram bot', 'telegram', 1000, 100, true, '2021-01-01 10:00', '2021-01-01 10:00'),
        ('Retired', 'Telegram', NULL, NULL, false, '2021-01-02 10:00:00.123456', '2023-05-05 05:05'),
        ('Ünïcode ✓', 'Телеграм', NULL, 0, true, '2021-01-03 10:00', '2021-01-03 10:00'),
        ('Broken', ' broken ', -1, -5, true, '2021-01-04 10:00', '2021-01-04 10:00')
    """,
    (
        "INSERT INTO teams (display_name, platform_name) SELECT name, CONCAT('Internal-', name)"
        " FROM (VALUES ('Marketing')) AS earlier (name)"
    ),
    f"""
    INSERT INTO api_keys (key_hash, key_prefix, name, team_id, is_active, expires_at)
    VALUES ('{digest(SECRET)}', '{SECRET[:12]}', 'first', 1, true, NULL),
        ('{digest(SECOND_SECRET)}', '{SECOND_SECRET[:12]}', '', 5, true, NULL),
        (repeat('a', 64), 'ak_aaaaaaaaa', 'revoked', 1, false, '2022-06-01 00:00'),
        (repeat('b', 64), '', 'expired', 3, true, '2022-06-01 00:00')
    """,  # noqa: S608 - values from here
    """
    INSERT INTO usage_logs (api_key_id, team_id, session_id, platform, model_used, request_count, estimated_cost,
        success, timestamp)
    VALUES (1, 1, 'any text', 'telegram', NULL, 1, 0.25, true, '2022-02-01 08:00'),
        (2, 5, '', 'Internal-Marketing', 'm', 3, NULL, false, '2022-02-02 08:00')
    """,
    """
    INSERT INTO messages (team_id, api_key_id, platform, user_id, role, content, cleared_at, created_at)
    VALUES (5, 2, 'Internal-Marketing', 'anna', 'user', 'hello', '2022-02-02', '2022-02-01 08:00'),
        (5, 2, 'Internal-Marketing', 'anna', 'assistant', 'hi', NULL, '2022-02-01 08:01'),
        (3, NULL, 'Телеграм', 'ü', 'user', 'ü ✓', NULL, '2022-07-01 12:00'),
        (NULL, NULL, 'telegram', 'anna', 'user', 'no team', NULL, '2022-03-01 23:30'),
        (1, 1, 'telegram', '', 'nonsense', '', NULL, '2022-07-01 12:00')
    """,
)

WORK_OF_ITS_OWN: Final = (
    "UPDATE teams SET display_name = 'Renamed', daily_quota = daily_quota WHERE platform_name = ' broken '",
    "UPDATE teams SET is_active = true, updated_at = '2024-01-01' WHERE platform_name = 'Telegram'",
    (
        "INSERT INTO teams (display_name, platform_name, monthly_quota, daily_quota, is_active, created_at, updated_at)"
        " VALUES ('Sales', 'Internal-Sales', 10, NULL, true, '2024-01-01', '2024-01-01')"
    ),
    "UPDATE api_keys SET last_used_at = '2024-01-01' WHERE id = 1",
    (
        "INSERT INTO api_keys (key_hash, key_prefix, name, team_id, is_active, created_by, created_at)"
        " VALUES (repeat('c', 64), 'ak_ccccccccc', 'its own', 5, true, NULL, '2024-01-01')"
    ),
    (
        "INSERT INTO usage_logs (api_key_id, team_id, session_id, platform, request_count, success, timestamp)"
        " VALUES (2, 5, 'text', 'Internal-Marketing', 7, true, '2024-01-01')"
    ),
    "UPDATE messages SET cleared_at = '2024-01-01' WHERE user_id = 'anna' AND cleared_at IS NULL",
    (
        "INSERT INTO messages (team_id, api_key_id, platform, user_id, role, content, created_at)"
        " VALUES (5, 2, 'Internal-Marketing', 'anna', 'user', 'and again', '2024-01-01'),"
        " (1, 1, 'telegram', 'newcomer', 'user', 'good day', '2024-01-01')"
    ),
)
"""What it writes while it runs beside this service: its own columns only, and all of them that matter to it."""

LEFT_BEHIND: Final = (
    "SELECT conname FROM pg_constraint WHERE conname LIKE 'platform_config_not_null_%'"
    " UNION ALL SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
)
"""Gives what an adoption makes for a while and has to tidy up: constraints, and indexes that were not finished."""


async def make(engine: AsyncEngine, *changes: str, version: str = LATER, rows: bool = True) -> None:
    """Make the earlier service's database, and change it."""
    await execute(
        engine,
        *TABLES_OF_ITS_MAKING,
        f"INSERT INTO alembic_version VALUES ('{version}')",  # noqa: S608 - a value from a test
        *(ROWS_OF_ITS_WRITING if rows else ()),
        *changes,
    )


async def everything(engine: AsyncEngine) -> tuple[Any, ...]:
    """Give all that a refusal has to leave as it was: the tables, what they hold, and both versions."""
    tables = [name for (name,) in await select(engine, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    rows = {name: sorted(map(repr, await select(engine, f"SELECT t.*, t.ctid FROM {name} AS t"))) for name in tables}  # noqa: S608 - names from the catalog
    return await catalog(engine), rows


async def its_rows(engine: AsyncEngine, columns: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """Give every row of its tables in the columns wanted, its version among them."""
    version = await select(engine, "SELECT * FROM alembic_version")
    return await all_rows(engine, columns) | {"alembic_version": version}


async def its_columns(engine: AsyncEngine) -> dict[str, list[str]]:
    """Name the columns of its tables."""
    return {table: await columns_of(engine, table) for table in TABLES}


async def adopt(engine: AsyncEngine) -> None:
    """Take the database over, unless it does not fit."""
    await runner.upgrade(engine, report=print, consent=lambda: True)


async def catalog_of_a_new_database(engine: AsyncEngine) -> set[str]:
    """Give what a database consists of that only this service has migrated. The one that is there is gone for it."""
    await execute(engine, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    await runner.upgrade(engine, report=print)
    return await catalog(engine)
