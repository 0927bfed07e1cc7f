"""Reading what the database server says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def is_read_only(connection: AsyncConnection) -> bool:
    """Tell whether the database takes no changes: a standby, or one that was made read-only."""
    setting: str = (await connection.scalars(select(func.current_setting("transaction_read_only")))).one()
    return setting == "on"
