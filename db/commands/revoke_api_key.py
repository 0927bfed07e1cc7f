"""Revoking an API key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from db.models import ApiKey
from domain.errors import ApiKeyNotFound

if TYPE_CHECKING:
    from db.database import WriteSession


async def revoke_api_key(session: WriteSession, api_key_id: int) -> ApiKey:
    """Make a key stop working for good; one that was revoked before stays so.

    Raises:
        ApiKeyNotFound: there is no such key.
    """
    statement = select(ApiKey).where(ApiKey.id == api_key_id).with_for_update(key_share=True)
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        raise ApiKeyNotFound
    row.is_active = False
    await session.flush()
    return row
