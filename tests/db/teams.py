"""Teams that are written and read through a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from db.models import Team
from db.statement import Statement

if TYPE_CHECKING:
    from db.database import Database
    from db.transaction import Transaction


async def add(transaction: Transaction, name: str = "acme") -> None:
    """Write a team."""
    await transaction.rows(Statement(insert(Team).values(display_name=name, platform_name=name)))


async def names(database: Database) -> list[str]:
    """Give the names of all teams, in the order in which they were written."""
    async with database.read() as session:
        return list(await session.scalars(select(Team.platform_name).order_by(Team.id)))
