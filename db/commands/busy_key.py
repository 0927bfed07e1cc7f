"""Holding a key that is in constant use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from db.errors import TookTooLong
from db.models import ApiKey
from db.queries.api_keys import works
from db.statement import statement

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement

    from db.transaction import Transaction

_FIRST_WAIT = "1s"
_WAIT_IN_THE_QUEUE = "1500ms"
"""How long others may be held up at the most; for longer than it takes until an automatic vacuum is sent away."""


async def hold_busy_key(transaction: Transaction, api_key_id: int) -> bool | None:
    """Hold a key's row against everybody, and say whether the key works; None where there is no such key.

    Each row that names the key keeps it from changing its secret until its transaction ends, and those who come later
    overtake whoever waits. Where they follow each other too closely, everybody queues up for the table once: after
    those who have it now, it is this one's turn.

    Raises:
        TookTooLong: somebody's transaction stays open for longer than that.
    """
    try:
        async with transaction.savepoint():
            # What holds before need not be the default: behind a pooler the limit belongs to the transaction.
            ((before,),) = await transaction.rows(statement("limit of a statement", _limit))
            await transaction.set_limit("statement_timeout", _FIRST_WAIT)
            held = await _held(transaction, api_key_id)
            await transaction.set_limit("statement_timeout", before)
            return held
    except TookTooLong:
        pass
    await transaction.set_limit("lock_timeout", _WAIT_IN_THE_QUEUE)
    await transaction.lock_table(ApiKey.__tablename__)
    return await _held(transaction, api_key_id)


async def _held(transaction: Transaction, api_key_id: int) -> bool | None:
    record = await transaction.row(statement("key that is held", _key), key_id=api_key_id)
    return None if record is None else record[0]


def _key() -> ClauseElement:
    return (
        select(works())
        .select_from(ApiKey)
        .where(ApiKey.id == bindparam("key_id", type_=ApiKey.id.type))
        .with_for_update()
    )


def _limit() -> ClauseElement:
    return select(func.current_setting("statement_timeout"))
