"""Rotating an API key: the same key under a new secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import func, null, update

from db.commands.busy_key import hold_busy_key
from db.models import ApiKey
from domain.api_key_rotation import key_does_not_work
from domain.errors import ApiKeyNotFound

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from db.database import WriteSession
    from domain.api_key import NewApiKey


async def rotate_api_key(
    session: WriteSession, api_key_id: int, key: NewApiKey, overlap: timedelta
) -> tuple[ApiKey, datetime]:
    """Give a key a new secret, and say until when the old one works: for the overlap, or until the key expires.

    A secret that still worked from an earlier rotation works no longer.

    Raises:
        ApiKeyNotFound: there is no such key.
        InvalidInput: the key was revoked or has expired.
    """
    works = await hold_busy_key(session, api_key_id)
    if works is None:
        raise ApiKeyNotFound
    if not works:
        raise key_does_not_work()
    ends = func.least(func.clock_timestamp() + overlap, func.timezone("utc", ApiKey.expires_at))
    row = (
        await session.scalars(
            update(ApiKey)
            .where(ApiKey.id == api_key_id)
            .values(
                key_hash=key.key_hash,
                key_prefix=key.prefix,
                # Without an overlap there is nothing to find.
                previous_key_hash=ApiKey.key_hash if overlap else null(),
                previous_secret_expires_at=ends,
            )
            .returning(ApiKey)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
    ).one()
    return row, cast("datetime", row.previous_secret_expires_at)
