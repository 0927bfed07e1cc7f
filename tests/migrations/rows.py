"""Rows of an existing database, good and bad, and how to look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

# The second team breaks bounds that came later; the last message has a user without a name.
EXISTING_ROWS = (
    """
    INSERT INTO teams (id, display_name, platform_name, monthly_quota, daily_quota, is_active, created_at) VALUES
        (1, 'Telegram bot', 'telegram', 1000, 100, true, '2024-01-01 10:00'),
        (2, 'Broken', 'broken', -1, -5, true, '2024-01-02 10:00'),
        (3, 'Retired', 'Telegram', NULL, NULL, false, '2024-01-03 10:00'),
        (7, 'Ünïcode ✓', 'Телеграм', NULL, 0, true, '2024-01-04 10:00')
    """,
    """
    INSERT INTO api_keys (id, key_hash, key_prefix, name, team_id, is_active, expires_at) VALUES
        (1, repeat('a', 64), 'ak_aaaaaaaaa', 'first', 1, true, NULL),
        (2, repeat('b', 64), 'ak_bbbbbbbbb', 'second', 1, false, '2024-06-01 00:00'),
        (3, repeat('c', 64), 'ak_ccccccccc', '', 7, true, NULL)
    """,
    """
    INSERT INTO usage_logs (id, api_key_id, team_id, session_id, platform, model_used, estimated_cost, success) VALUES
        (1, 1, 1, 'any text', 'telegram', NULL, 0.25, true), (2, 3, 7, '', 'Телеграм', 'm', NULL, false)
    """,
    """
    INSERT INTO messages (id, team_id, api_key_id, platform, user_id, role, content, cleared_at, created_at) VALUES
        (1, 7, NULL, 'telegram', 'user-1', 'user', 'hello', '2024-02-02', '2024-02-01 08:00'),
        (2, 7, 2, 'telegram', 'user-1', 'assistant', 'hi', NULL, '2024-02-01 08:01'),
        (3, 7, 1, 'telegram', 'user-1', 'user', 'again', NULL, '2024-02-01 07:59'),
        (4, NULL, NULL, 'telegram', 'user-1', 'user', 'no team', NULL, '2024-03-01 23:30'),
        (5, NULL, NULL, 'telegram', 'user-1', 'user', 'no team', NULL, '2024-03-02 00:30'),
        (6, 7, 3, 'Телеграм', 'ü', 'user', 'ü', NULL, '2024-07-01 12:00'),
        (7, 1, 1, 'telegram', '', 'nonsense', '', NULL, '2024-07-01 12:00')
    """,
)
TABLES = ("teams", "api_keys", "usage_logs", "messages")


async def execute(engine: AsyncEngine, *statements: str) -> None:
    """Run statements in one transaction."""
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def select(engine: AsyncEngine, query: str) -> list[tuple[Any, ...]]:
    """Give the rows of a query."""
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def columns_of(engine: AsyncEngine, table: str) -> list[str]:
    """Name the columns of a table."""
    query = f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped"  # noqa: S608 - a name from here
    return [name for (name,) in await select(engine, query)]


async def all_rows(engine: AsyncEngine, columns: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """Give every row of the four existing tables in the columns wanted."""
    return {
        table: await select(engine, f"SELECT {', '.join(columns[table])} FROM {table} ORDER BY id")  # noqa: S608 - names from the catalog
        for table in TABLES
    }
