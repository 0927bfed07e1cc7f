"""Rotating an API key: the same key under a new secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Boolean, DateTime, Interval, String, bindparam, case, func, update

from db.commands.busy_key import hold_busy_key
from db.models import ApiKey
from db.rows import API_KEY_COLUMNS, ApiKeyRow
from db.statement import statement
from domain.api_key_rotation import key_does_not_work
from domain.errors import ApiKeyNotFound

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy import ClauseElement

    from db.transaction import Transaction
    from domain.api_key import NewApiKey


async def rotate_api_key(
    transaction: Transaction, api_key_id: int, key: NewApiKey, overlap: timedelta
) -> tuple[ApiKeyRow, datetime]:
    """Give a key a new secret, and say until when the old one works: for the overlap, or until the key expires.

    A secret that still worked from an earlier rotation works no longer.

    Raises:
        ApiKeyNotFound: there is no such key.
        InvalidInput: the key was revoked or has expired.
    """
    works = await hold_busy_key(transaction, api_key_id)
    if works is None:
        raise ApiKeyNotFound
    if not works:
        raise key_does_not_work()
    (record,) = await transaction.rows(
        statement("key with a new secret", _update),
        key_id=api_key_id,
        new_hash=key.key_hash,
        new_prefix=key.prefix,
        overlap=overlap,
        overlaps=bool(overlap),
    )
    *columns, ends = record
    return ApiKeyRow._make(columns), ends


def _update() -> ClauseElement:
    ends = func.least(
        func.clock_timestamp() + bindparam("overlap", type_=Interval),
        func.timezone("utc", ApiKey.expires_at),
        type_=DateTime(timezone=True),
    )
    return (
        update(ApiKey)
        .where(ApiKey.id == bindparam("key_id", type_=ApiKey.id.type))
        .values(
            key_hash=bindparam("new_hash", type_=String),
            key_prefix=bindparam("new_prefix", type_=String),
            # Without an overlap there is nothing to find.
            previous_key_hash=case((bindparam("overlaps", type_=Boolean), ApiKey.key_hash)),
            previous_secret_expires_at=ends,
        )
        .returning(*API_KEY_COLUMNS, ApiKey.previous_secret_expires_at)
    )
