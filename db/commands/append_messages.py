"""Storing messages of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, bindparam, func, insert, select

from db.commands.serving import hold_session
from db.models import Message
from db.models.base import UTC_THIS_MOMENT
from domain.viewer import TeamKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.database import WriteSession
    from db.models import ChatSession
    from domain.message import NewMessage
    from domain.viewer import Viewer


async def append_messages(
    session: WriteSession, viewer: Viewer, session_id: int, messages: Sequence[NewMessage]
) -> tuple[ChatSession, Sequence[Message]]:
    """Store messages in their order, after all that the session has. A session that was closed stays closed.

    The session is held meanwhile, so that the messages of another call come before all of these or after.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see hold_session().
    """
    row, _ = await hold_session(session, viewer, session_id)
    source = (
        func.unnest(
            bindparam("roles", [message.role.value for message in messages], ARRAY(Message.role.type)),
            bindparam("contents", [message.content for message in messages], ARRAY(Message.content.type)),
        )
        .table_valued("role", "content", with_ordinality="place", name="new")
        .render_derived()
    )
    conversation = {
        "team_id": row.team_id,
        "api_key_id": viewer.api_key_id if isinstance(viewer, TeamKey) else row.api_key_id,
        "platform": row.platform,
        "user_id": row.user_id,
    }
    columns = [Message.role, Message.content, Message.created_at]
    stored = await session.scalars(
        insert(Message)
        .from_select(
            [*columns, *(getattr(Message, name) for name in conversation)],
            select(
                source.c.role,
                source.c.content,
                UTC_THIS_MOMENT,
                *(bindparam(name, value, getattr(Message, name).type) for name, value in conversation.items()),
                # Ids are drawn in the order of the rows, and they are what messages are ordered by.
            ).order_by(source.c.place),
        )
        .returning(Message)
    )
    return row, sorted(stored, key=lambda message: message.id)
