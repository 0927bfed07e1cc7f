"""What the database holds before and after a mutation, read past the service."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = ("teams", "api_keys", "team_revisions", "chat_sessions", "messages", "usage_logs", "usage_totals")
"""Every table that a mutation may touch."""


def rows(address: str, query: str, *arguments: object) -> list[dict[str, Any]]:
    """Give the rows of a statement."""

    async def fetch() -> list[dict[str, Any]]:
        connection = await asyncpg.connect(address)
        try:
            await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
            return [dict(row) for row in await connection.fetch(query, *arguments)]
        finally:
            await connection.close()

    return asyncio.run(fetch())


def value(address: str, query: str, *arguments: object) -> Any:
    """Give the one value of a statement."""
    (row,) = rows(address, query, *arguments)
    (only,) = row.values()
    return only


def everything(address: str) -> dict[str, list[str]]:
    """Give every row of every table as text."""
    query = " UNION ALL ".join(f"SELECT '{table}' AS name, {table}::text AS row FROM {table}" for table in TABLES)  # noqa: S608 - names from above
    dump: dict[str, list[str]] = {table: [] for table in TABLES}
    for row in rows(address, f"SELECT name, row FROM ({query}) AS every ORDER BY name, row"):  # noqa: S608 - see above
        dump[row["name"]].append(row["row"])
    return dump


@contextmanager
def unchanged(address: str) -> Iterator[None]:
    """Hold that the block leaves every row of every table as it was."""
    before = everything(address)
    yield
    assert everything(address) == before


def row_id(node_id: str) -> int:
    """Give the row that a global id stands for."""
    return int(base64.b64decode(node_id).decode().partition(":")[2])


def trail(address: str, team_id: str) -> list[dict[str, Any]]:
    """Give a team's trail, oldest first."""
    return rows(address, "SELECT * FROM team_revisions WHERE team_id = $1 ORDER BY id", row_id(team_id))


def last_change(address: str, team_id: str) -> tuple[int, str, str, list[str]]:
    """Give revision, actor, action and changed fields of the last row of a team's trail."""
    last = trail(address, team_id)[-1]
    return last["revision"], last["changed_by"], last["action"], last["changed_fields"]


def insert_past_constraints(address: str, **columns: str) -> int:
    """Write a team as rows older than the constraints may be, by SQL for its columns, and give its row's id.

    The constraints are dropped and come back, not validated, in one transaction: nobody else ever misses them.
    """

    async def insert() -> int:
        connection = await asyncpg.connect(address)
        try:
            async with connection.transaction():
                constraints = await connection.fetch(
                    "SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint"
                    " WHERE conrelid = 'teams'::regclass AND contype = 'c'"
                )
                for constraint in constraints:
                    await connection.execute(f"ALTER TABLE teams DROP CONSTRAINT {constraint['conname']}")
                columns_with_names = {"display_name": "'Old'", "platform_name": "'old'", **columns}
                inserted: int = await connection.fetchval(
                    f"INSERT INTO teams ({', '.join(columns_with_names)})"  # noqa: S608 - SQL of the tests
                    f" VALUES ({', '.join(columns_with_names.values())}) RETURNING id"
                )
                for constraint in constraints:
                    await connection.execute(
                        f"ALTER TABLE teams ADD CONSTRAINT {constraint['conname']} {constraint['definition']}"
                    )
                return inserted
        finally:
            await connection.close()

    return asyncio.run(insert())
