"""Clearing the context of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, func, select, update

from db.commands.serving import hold_session
from db.models import Message
from db.models.base import UTC_THIS_MOMENT
from db.statement import statement

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement

    from db.rows import SessionRow
    from db.transaction import Transaction
    from domain.viewer import Viewer


async def clear_session_history(transaction: Transaction, viewer: Viewer, session_id: int) -> tuple[SessionRow, int]:
    """Mark all messages of a session as cleared, and say how many were not before. None is deleted.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see hold_session().
    """
    row, _ = await hold_session(transaction, viewer, session_id)
    ((cleared,),) = await transaction.rows(
        statement("messages that are cleared", _update),
        of_platform=row.platform,
        of_user=row.user_id,
        of_team=row.team_id or 0,
    )
    return row, cleared


def _update() -> ClauseElement:
    cleared = (
        update(Message)
        .where(
            Message.platform == bindparam("of_platform", type_=Message.platform.type),
            Message.user_id == bindparam("of_user", type_=Message.user_id.type),
            # By the expression that is indexed, see the model.
            func.coalesce(Message.team_id, 0) == bindparam("of_team", type_=Integer),
            Message.cleared_at.is_(None),
        )
        .values(cleared_at=UTC_THIS_MOMENT)
        .returning(Message.id)
        .cte("cleared")
    )
    return select(func.count()).select_from(cleared)
