"""A key in constant use is held within its own limits, and the transaction goes on with those that it had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest

from db.commands.busy_key import hold_busy_key
from tests.db.statements import execute

if TYPE_CHECKING:
    from db.database import Database


@pytest.mark.parametrize("limit", ["0", "7s"])
async def test_the_limit_of_a_statement_is_what_it_was(migrated_database: str, opened: Database, limit: str) -> None:
    """Behind a pooler it was set for the transaction, and the connection's own is none."""
    await add_key(migrated_database)
    async with opened.write() as transaction:
        await execute(transaction, f"SET LOCAL statement_timeout = '{limit}'")
        assert await hold_busy_key(transaction, 1) is True
        assert await execute(transaction, "SHOW statement_timeout") == [(limit,)]


async def add_key(database: str) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("INSERT INTO teams (id, display_name, platform_name) VALUES (1, 'a', 'a')")
    await connection.execute(
        "INSERT INTO api_keys (id, key_hash, key_prefix, name, team_id) VALUES (1, 'hash', 'prefix', 'name', 1)"
    )
    await connection.close()
