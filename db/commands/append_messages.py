"""Storing messages of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, bindparam, func, insert, select

from db.commands.serving import hold_session
from db.models import Message
from db.models.base import UTC_THIS_MOMENT
from db.statement import statement
from db.text_budget import StoredMessage
from domain.viewer import TeamKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ClauseElement

    from db.rows import SessionRow
    from db.transaction import Transaction
    from domain.message import NewMessage
    from domain.viewer import Viewer

_CONVERSATION = (Message.team_id, Message.api_key_id, Message.platform, Message.user_id)


async def append_messages(
    transaction: Transaction, viewer: Viewer, session_id: int, messages: Sequence[NewMessage]
) -> tuple[SessionRow, Sequence[StoredMessage]]:
    """Store messages in their order, after all that the session has. A session that was closed stays closed.

    The session is held meanwhile, so that the messages of another call come before all of these or after.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see hold_session().
    """
    row, _ = await hold_session(transaction, viewer, session_id)
    stored = await transaction.rows(
        statement("new messages", _insert),
        roles=[message.role.value for message in messages],
        contents=[message.content for message in messages],
        new_team_id=row.team_id,
        new_api_key_id=viewer.api_key_id if isinstance(viewer, TeamKey) else row.api_key_id,
        new_platform=row.platform,
        new_user_id=row.user_id,
    )
    return row, sorted(map(StoredMessage._make, stored))


def _insert() -> ClauseElement:
    source = (
        func.unnest(
            bindparam("roles", type_=ARRAY(Message.role.type)), bindparam("contents", type_=ARRAY(Message.content.type))
        )
        .table_valued("role", "content", with_ordinality="place", name="new")
        .render_derived()
    )
    return (
        insert(Message)
        .from_select(
            [Message.role, Message.content, Message.created_at, *_CONVERSATION],
            select(
                source.c.role,
                source.c.content,
                UTC_THIS_MOMENT,
                *(bindparam(f"new_{column.key}", type_=column.type) for column in _CONVERSATION),
                # Ids are drawn in the order of the rows, and they are what messages are ordered by.
            ).order_by(source.c.place),
        )
        .returning(*(getattr(Message, name) for name in StoredMessage._fields))
    )
