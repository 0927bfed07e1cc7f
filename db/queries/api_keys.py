"""Reading API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, or_, select

from db.among import among
from db.models import ApiKey, Team
from db.models.base import UTC_NOW
from db.paging import Order, Page, Slice
from db.queries.nested import entities, pages_by_parent
from db.visibility import visible_api_keys
from domain.platform import PlatformType, platform_type_of_stored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from db.database import ReadSession, WriteSession
    from domain.viewer import Viewer

NEWEST_FIRST = Order((ApiKey.created_at, ApiKey.id), descending=True)


class Credentials(NamedTuple):
    """What a working key stands for."""

    api_key_id: int
    prefix: str
    team_id: int
    platform_name: str
    last_used_at: datetime | None
    platform_type: PlatformType


def works(key: type[ApiKey] = ApiKey) -> ColumnElement[bool]:
    """The condition that a key works: active and not expired, by the database's clock."""
    return key.is_active & or_(key.expires_at.is_(None), key.expires_at > UTC_NOW)


async def credentials(session: ReadSession, key_hash: str) -> Credentials | None:
    """Find what a key stands for by its digest; None where it is unknown, does not work, or its team is inactive.

    The secret that a key had before its rotation is found with the one that it has, while it still works.
    """
    is_the_secret_before = (ApiKey.previous_key_hash == key_hash) & (
        ApiKey.previous_secret_expires_at > func.clock_timestamp()
    )
    row = (
        await session.execute(
            select(
                ApiKey.id,
                ApiKey.key_prefix,
                ApiKey.team_id,
                Team.platform_name,
                ApiKey.last_used_at,
                Team.stored_platform_type,
            )
            .join(Team, Team.id == ApiKey.team_id)
            .where(or_(ApiKey.key_hash == key_hash, is_the_secret_before), works(), Team.is_active)
        )
    ).first()
    if row is None:
        return None
    return Credentials(*row[:5], platform_type_of_stored(row.stored_platform_type))


async def by_ids(session: ReadSession, viewer: Viewer, ids: Sequence[int]) -> dict[int, ApiKey]:
    """Find keys by id."""
    rows = await session.scalars(select(ApiKey).where(among(ApiKey.id, ids), visible_api_keys(viewer)))
    return {api_key.id: api_key for api_key in rows}


async def pages_by_team(
    session: ReadSession, viewer: Viewer, team_ids: Sequence[int], page: Page
) -> dict[int, Slice[ApiKey]]:
    """Give the same page of each team's keys, newest first."""
    return await pages_by_parent(
        session,
        of_parent=lambda team_id: select(ApiKey).where(ApiKey.team_id == team_id, visible_api_keys(viewer)),
        parent_ids=team_ids,
        order=NEWEST_FIRST,
        page=page,
        read=entities(ApiKey),
    )


async def counts_by_team(session: ReadSession, viewer: Viewer, team_ids: Sequence[int]) -> dict[int, int]:
    """Count each team's keys, revoked ones included; a team without keys is left out."""
    rows = await session.execute(
        select(ApiKey.team_id, func.count(ApiKey.id))
        .where(among(ApiKey.team_id, team_ids), visible_api_keys(viewer))
        .group_by(ApiKey.team_id)
    )
    return dict(rows.all())


async def count_working(session: WriteSession, team_id: int) -> int:
    """Count a team's keys that work."""
    return (await session.scalars(select(func.count(ApiKey.id)).where(ApiKey.team_id == team_id, works()))).one()
