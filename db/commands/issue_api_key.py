"""Issuing an API key for a team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from db.models import ApiKey, Team
from domain.errors import TeamNotFound

if TYPE_CHECKING:
    from db.database import WriteSession
    from domain.api_key import NewApiKey
    from domain.api_key_request import ApiKeyRequest


async def issue_api_key(
    session: WriteSession, team_id: int, key: NewApiKey, request: ApiKeyRequest, *, actor: str
) -> ApiKey:
    """Store a new key of a team.

    Raises:
        TeamNotFound: there is no such team.
    """
    # Held until the commit, so that the team cannot be deleted in between.
    held = await session.scalars(select(Team.id).where(Team.id == team_id).with_for_update(key_share=True, read=True))
    if held.one_or_none() is None:
        raise TeamNotFound
    return await add_api_key(
        session,
        key,
        team_id=team_id,
        name=request.name,
        actor=actor,
        description=request.description,
        monthly_quota=request.monthly_quota,
        daily_quota=request.daily_quota,
        expires_at=request.expires_at,
    )


async def add_api_key(
    session: WriteSession, key: NewApiKey, *, team_id: int, name: str, actor: str, **columns: object
) -> ApiKey:
    """Write the row of a key whose team is known to exist."""
    row = ApiKey(key_hash=key.key_hash, key_prefix=key.prefix, team_id=team_id, name=name, created_by=actor, **columns)
    session.add(row)
    await session.flush()
    return row
