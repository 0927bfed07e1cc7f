"""SQL of a test, run in a connection that reads or in a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CursorResult

    from db.transaction import Transaction


async def execute(work: AsyncConnection | Transaction, sql: str, **parameters: object) -> Sequence[Any]:
    """Run a statement, whose parameters are named like `:this`, and give its rows."""
    if isinstance(work, AsyncConnection):
        result = cast("CursorResult[Any]", await work.execute(text(sql), parameters))
        return result.all() if result.returns_rows else []
    return await work.rows(Statement(text(sql)), **parameters)
