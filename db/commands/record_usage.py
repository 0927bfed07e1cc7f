"""Recording usage."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, insert

from db.commands.serving import find_session
from db.models import UsageLog
from db.statement import statement
from domain.viewer import TeamKey

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ClauseElement

    from db.transaction import Transaction
    from domain.usage_record import UsageRecord
    from domain.viewer import Viewer

_GIVEN = (
    UsageLog.api_key_id,
    UsageLog.team_id,
    UsageLog.session_id,
    UsageLog.platform,
    UsageLog.model_used,
    UsageLog.tokens_used,
    UsageLog.estimated_cost,
    UsageLog.success,
    UsageLog.response_time_ms,
    UsageLog.error_message,
)


class RecordedUsage(NamedTuple):
    """A usage log, as far as it says against which quota it counts."""

    api_key_id: int | None
    team_id: int | None
    platform: str
    timestamp: datetime


async def record_usage(transaction: Transaction, viewer: Viewer, session_id: int, record: UsageRecord) -> RecordedUsage:
    """Write a usage log of a session: by the caller's key, or by the one that owns the session.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see find_session().
    """
    chat_session = await find_session(transaction, viewer, session_id)
    (log,) = await transaction.rows(
        statement("new usage log", _insert),
        new_api_key_id=viewer.api_key_id if isinstance(viewer, TeamKey) else chat_session.api_key_id,
        new_team_id=chat_session.team_id,
        new_session_id=chat_session.session_id,
        new_platform=chat_session.platform,
        new_model_used=record.model,
        new_tokens_used=record.tokens_used,
        new_estimated_cost=record.estimated_cost,
        new_success=record.success,
        new_response_time_ms=record.response_time_ms,
        new_error_message=record.error_message,
    )
    return RecordedUsage._make(log)


def _insert() -> ClauseElement:
    return (
        insert(UsageLog)
        .values({column.key: bindparam(f"new_{column.key}", type_=column.type) for column in _GIVEN})
        .returning(*(getattr(UsageLog, name) for name in RecordedUsage._fields))
    )
