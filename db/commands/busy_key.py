"""Holding a key that is in constant use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from db.errors import took_too_long
from db.models import ApiKey
from db.queries.api_keys import works

if TYPE_CHECKING:
    from db.database import WriteSession

_FIRST_WAIT = "1s"
_WAIT_IN_THE_QUEUE = "1500ms"
"""How long others may be held up at the most; for longer than it takes until an automatic vacuum is sent away."""

# What holds before need not be the default: behind a pooler the limit belongs to the transaction.
_SHORTEN = text("SELECT current_setting('statement_timeout'), set_config('statement_timeout', :limit, true)")
_RESTORE = text("SELECT set FROM set_config('statement_timeout', :limit, true) AS set")


async def hold_busy_key(session: WriteSession, api_key_id: int) -> bool | None:
    """Hold a key's row against everybody, and say whether the key works; None where there is no such key.

    Each row that names the key keeps it from changing its secret until its transaction ends, and those who come later
    overtake whoever waits. Where they follow each other too closely, everybody queues up for the table once: after
    those who have it now, it is this one's turn.

    Raises:
        sqlalchemy.exc.DBAPIError: somebody's transaction stays open for longer than that.
    """
    statement = select(works()).select_from(ApiKey).where(ApiKey.id == api_key_id).with_for_update()
    try:
        async with session.begin_nested():
            before = (await session.execute(_SHORTEN, {"limit": _FIRST_WAIT})).scalar_one()
            held = (await session.scalars(statement)).one_or_none()
            await session.execute(_RESTORE, {"limit": before})
            return held
    except DBAPIError as error:
        if not took_too_long(error):
            raise
    await session.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_IN_THE_QUEUE}'"))
    await session.execute(text(f"LOCK TABLE {ApiKey.__tablename__} IN EXCLUSIVE MODE"))
    return (await session.scalars(statement)).one_or_none()
