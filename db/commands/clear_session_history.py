"""Clearing the context of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, update

from db.commands.serving import hold_session
from db.models import Message
from db.models.base import UTC_THIS_MOMENT

if TYPE_CHECKING:
    from sqlalchemy import CursorResult

    from db.database import WriteSession
    from db.models import ChatSession
    from domain.viewer import Viewer


async def clear_session_history(session: WriteSession, viewer: Viewer, session_id: int) -> tuple[ChatSession, int]:
    """Mark all messages of a session as cleared, and say how many were not before. None is deleted.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see hold_session().
    """
    row, _ = await hold_session(session, viewer, session_id)
    cleared = await session.execute(
        update(Message)
        .where(
            Message.platform == row.platform,
            Message.user_id == row.user_id,
            # By the expression that is indexed, see the model.
            func.coalesce(Message.team_id, 0) == (row.team_id or 0),
            Message.cleared_at.is_(None),
        )
        .values(cleared_at=UTC_THIS_MOMENT)
        .execution_options(synchronize_session=False)
    )
    return row, cast("CursorResult[Any]", cleared).rowcount
