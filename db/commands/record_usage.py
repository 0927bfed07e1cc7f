"""Recording usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.commands.serving import find_session
from db.models import UsageLog
from domain.viewer import TeamKey

if TYPE_CHECKING:
    from db.database import WriteSession
    from domain.usage_record import UsageRecord
    from domain.viewer import Viewer


async def record_usage(session: WriteSession, viewer: Viewer, session_id: int, record: UsageRecord) -> UsageLog:
    """Write a usage log of a session: by the caller's key, or by the one that owns the session.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see find_session().
    """
    chat_session = await find_session(session, viewer, session_id)
    row = UsageLog(
        api_key_id=viewer.api_key_id if isinstance(viewer, TeamKey) else chat_session.api_key_id,
        team_id=chat_session.team_id,
        session_id=chat_session.session_id,
        platform=chat_session.platform,
        model_used=record.model,
        tokens_used=record.tokens_used,
        estimated_cost=record.estimated_cost,
        success=record.success,
        response_time_ms=record.response_time_ms,
        error_message=record.error_message,
    )
    session.add(row)
    await session.flush()
    return row
