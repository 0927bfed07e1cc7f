"""Reading messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Integer, Select, cast, func, select, true

from db.among import among
from db.models import ChatSession, Message
from db.paging import Order, Page, Slice
from db.queries.nested import pages_by_parent
from db.visibility import visible_messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.database import ReadSession
    from db.text_budget import StoredMessage, TextBudget
    from domain.viewer import Viewer

OLDEST_FIRST = Order((Message.id,))

# By the expressions that are indexed, see the model.
_OF_SESSION = (
    (Message.platform == ChatSession.platform)
    & (Message.user_id == ChatSession.user_id)
    & (func.coalesce(Message.team_id, 0) == func.coalesce(ChatSession.team_id, 0))
)


async def by_ids(
    session: ReadSession, viewer: Viewer, ids: Sequence[int], *, budget: TextBudget
) -> dict[int, StoredMessage]:
    """Find messages by id.

    Raises:
        TooMuchText: see TextBudget.read(); so do the others here that give messages.
    """
    statement = select(Message.id).where(among(Message.id, ids), visible_messages(viewer))
    return dict(await budget.read(session, statement, Message.__table__))


async def pages_by_session(
    session: ReadSession,
    viewer: Viewer,
    session_ids: Sequence[int],
    page: Page,
    *,
    include_cleared: bool,
    budget: TextBudget,
) -> dict[int, Slice[StoredMessage]]:
    """Give the same page of each session's messages, oldest first. Sessions are named by their row's id."""

    def of_session(session_id: ColumnElement[int]) -> Select[Any]:
        return (
            select(Message)
            .join_from(ChatSession, Message, _OF_SESSION)
            .where(ChatSession.id == session_id, *_conditions(viewer, include_cleared=include_cleared))
        )

    return await pages_by_parent(
        session,
        of_parent=of_session,
        parent_ids=session_ids,
        order=OLDEST_FIRST,
        page=page,
        read=budget.read,
    )


async def counts_by_session(
    session: ReadSession, viewer: Viewer, session_ids: Sequence[int], *, include_cleared: bool
) -> dict[int, int]:
    """Count each session's messages; a session without any is left out."""
    rows = await session.execute(
        select(ChatSession.id, func.count(Message.id))
        .join_from(ChatSession, Message, _OF_SESSION)
        .where(among(ChatSession.id, session_ids), *_conditions(viewer, include_cleared=include_cleared))
        .group_by(ChatSession.id)
    )
    return dict(rows.all())


async def contexts_by_session(
    session: ReadSession, viewer: Viewer, limits: dict[int, int], *, budget: TextBudget
) -> dict[int, list[StoredMessage]]:
    """Give the context of each session: the newest messages that are not cleared, oldest first.

    `limits` says how many for each session, so that sessions of differing configuration share one statement.
    """
    wanted = (
        func.unnest(cast(list(limits), ARRAY(BigInteger)), cast(list(limits.values()), ARRAY(Integer)))
        .table_valued("session_id", "size", name="wanted")
        .render_derived()
    )
    newest = (
        select(Message)
        .join_from(ChatSession, Message, _OF_SESSION)
        .where(ChatSession.id == wanted.c.session_id, *_conditions(viewer, include_cleared=False))
        .order_by(Message.id.desc())
        .limit(wanted.c.size)
        .lateral("newest")
    )
    statement = select(wanted.c.session_id).select_from(wanted).join(newest, true()).order_by(newest.c.id)
    contexts: dict[int, list[StoredMessage]] = {session_id: [] for session_id in limits}
    for session_id, row in await budget.read(session, statement, newest):
        contexts[session_id].append(row)
    return contexts


def _conditions(viewer: Viewer, *, include_cleared: bool) -> list[ColumnElement[bool]]:
    return [visible_messages(viewer)] if include_cleared else [visible_messages(viewer), Message.cleared_at.is_(None)]
