"""Reading messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Integer, Select, bindparam, func, select, true

from db.among import among_those
from db.models import ChatSession, Message
from db.paging import Order, Page, Slice, page_parameters
from db.queries.nested import pages_of_parents, slices_of_parents
from db.statement import statement
from db.visibility import scope, scope_parameters, visible_messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.database import Database
    from db.statement import Statement
    from db.text_budget import Columns, StoredMessage, TextBudget
    from domain.viewer import Viewer

OLDEST_FIRST = Order((Message.id,))

# By the expressions that are indexed, see the model.
_OF_SESSION = (
    (Message.platform == ChatSession.platform)
    & (Message.user_id == ChatSession.user_id)
    & (func.coalesce(Message.team_id, 0) == func.coalesce(ChatSession.team_id, 0))
)


async def by_ids(
    database: Database, viewer: Viewer, ids: Sequence[int], *, budget: TextBudget
) -> dict[int, StoredMessage]:
    """Find messages by id.

    Raises:
        TooMuchText: see TextBudget.read(); so do the others here that give messages.
    """

    def found(columns: Columns) -> Statement:
        return statement(
            ("messages by ids", scope(viewer), columns),
            lambda: select(Message.id, *columns(Message.__table__)).where(
                among_those(Message.id, "ids"), visible_messages(viewer)
            ),
        )

    parameters = {"ids": ids, **scope_parameters(viewer)}
    return dict(await budget.read(database, found, parameters, rows_maximum=len(ids)))


async def pages_by_session(
    database: Database,
    viewer: Viewer,
    session_ids: Sequence[int],
    page: Page,
    *,
    include_cleared: bool,
    budget: TextBudget,
) -> dict[int, Slice[StoredMessage]]:
    """Give the same page of each session's messages, oldest first. Sessions are named by their row's id."""

    def of_session(session_id: ColumnElement[int]) -> Select[Any]:
        return _messages().where(ChatSession.id == session_id, *_conditions(viewer, include_cleared=include_cleared))

    def paged(columns: Columns) -> Statement:
        return statement(
            ("pages of messages by session", scope(viewer), include_cleared, page.shape, columns),
            lambda: pages_of_parents(of_session, OLDEST_FIRST, page, columns),
        )

    parameters = {"parents": session_ids, **scope_parameters(viewer), **page_parameters(page)}
    rows_maximum = len(session_ids) * parameters["rows"]
    found = await budget.read(database, paged, parameters, rows_maximum=rows_maximum)
    return slices_of_parents(session_ids, found, page)


async def counts_by_session(
    database: Database, viewer: Viewer, session_ids: Sequence[int], *, include_cleared: bool
) -> dict[int, int]:
    """Count each session's messages; a session without any is left out."""
    counted = statement(
        ("counts of messages by session", scope(viewer), include_cleared),
        lambda: (
            select(ChatSession.id, func.count(Message.id))
            .join_from(ChatSession, Message, _OF_SESSION)
            .where(among_those(ChatSession.id, "session_ids"), *_conditions(viewer, include_cleared=include_cleared))
            .group_by(ChatSession.id)
        ),
    )
    return dict(await database.rows(counted, session_ids=session_ids, **scope_parameters(viewer)))


async def contexts_by_session(
    database: Database, viewer: Viewer, limits: dict[int, int], *, budget: TextBudget
) -> dict[int, list[StoredMessage]]:
    """Give the context of each session: the newest messages that are not cleared, oldest first.

    `limits` says how many for each session, so that sessions of differing configuration share one statement.
    """

    def newest(columns: Columns) -> Statement:
        return statement(("contexts by session", scope(viewer), columns), lambda: _contexts(viewer, columns))

    parameters = {"session_ids": list(limits), "sizes": list(limits.values()), **scope_parameters(viewer)}
    contexts: dict[int, list[StoredMessage]] = {session_id: [] for session_id in limits}
    for session_id, row in await budget.read(database, newest, parameters, rows_maximum=sum(limits.values())):
        contexts[session_id].append(row)
    return contexts


def _contexts(viewer: Viewer, columns: Columns) -> Select[Any]:
    wanted = (
        func.unnest(
            bindparam("session_ids", type_=ARRAY(BigInteger)),
            bindparam("sizes", type_=ARRAY(Integer)),
        )
        .table_valued("session_id", "size", name="wanted")
        .render_derived()
    )
    newest = (
        _messages()
        .where(ChatSession.id == wanted.c.session_id, *_conditions(viewer, include_cleared=False))
        .order_by(Message.id.desc())
        .limit(wanted.c.size)
        .lateral("newest")
    )
    return select(wanted.c.session_id, *columns(newest)).select_from(wanted).join(newest, true()).order_by(newest.c.id)


def _messages() -> Select[Any]:
    return select(Message).join_from(ChatSession, Message, _OF_SESSION)


def _conditions(viewer: Viewer, *, include_cleared: bool) -> list[ColumnElement[bool]]:
    return [visible_messages(viewer)] if include_cleared else [visible_messages(viewer), Message.cleared_at.is_(None)]
