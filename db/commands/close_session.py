"""Closing a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func

from db.commands.serving import hold_session
from db.models import ChatSession

if TYPE_CHECKING:
    from db.database import WriteSession
    from domain.viewer import Viewer


async def close_session(session: WriteSession, viewer: Viewer, session_id: int) -> None:
    """End a session until it is opened again. Its messages stay. One that was closed before stays so.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see hold_session().
    """
    first_time = func.coalesce(ChatSession.closed_at, func.clock_timestamp())
    await hold_session(session, viewer, session_id, {"closed_at": first_time})
