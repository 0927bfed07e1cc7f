"""Noting that API keys were used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import literal, or_, select, update

from db.among import among_those
from db.models import ApiKey
from db.models.base import UTC_NOW, UTC_THIS_MOMENT
from db.statement import statement
from domain.api_key import LAST_USE_RESOLUTION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ClauseElement, ColumnElement

    from db.transaction import Transaction


async def note_key_use(transaction: Transaction, api_key_ids: Iterable[int]) -> None:
    """Write that keys were used just now, but for those of which that was written within the last minute.

    A key that somebody else holds is passed over: its next use is noted.
    """
    await transaction.rows(statement("keys that were used", _update), used=list(api_key_ids))


def _update() -> ClauseElement:
    long_ago: ColumnElement[bool] = ApiKey.last_used_at < UTC_NOW - literal(LAST_USE_RESOLUTION)
    due = (
        select(ApiKey.id)
        .where(among_those(ApiKey.id, "used"), or_(ApiKey.last_used_at.is_(None), long_ago))
        .with_for_update(key_share=True, skip_locked=True)
    )
    return update(ApiKey).where(ApiKey.id.in_(due)).values(last_used_at=UTC_THIS_MOMENT)
