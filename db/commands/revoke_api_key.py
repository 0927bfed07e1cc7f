"""Revoking an API key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, false, update

from db.models import ApiKey
from db.rows import API_KEY_COLUMNS, ApiKeyRow
from db.statement import statement
from domain.errors import ApiKeyNotFound

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement

    from db.transaction import Transaction


async def revoke_api_key(transaction: Transaction, api_key_id: int) -> ApiKeyRow:
    """Make a key stop working for good; one that was revoked before stays so.

    Raises:
        ApiKeyNotFound: there is no such key.
    """
    record = await transaction.row(statement("key that is revoked", _update), key_id=api_key_id)
    if record is None:
        raise ApiKeyNotFound
    return ApiKeyRow._make(record)


def _update() -> ClauseElement:
    return (
        update(ApiKey)
        .where(ApiKey.id == bindparam("key_id", type_=ApiKey.id.type))
        .values(is_active=false())
        .returning(*API_KEY_COLUMNS)
    )
