"""Teams that are written and read through the sessions of a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from db.models import Team

if TYPE_CHECKING:
    from db.database import Database, WriteSession


async def add(session: WriteSession, name: str = "acme") -> None:
    """Write a team."""
    await session.execute(insert(Team).values(display_name=name, platform_name=name))


async def names(database: Database) -> list[str]:
    """Give the names of all teams, in the order in which they were written."""
    async with database.read() as session:
        return list(await session.scalars(select(Team.platform_name).order_by(Team.id)))
