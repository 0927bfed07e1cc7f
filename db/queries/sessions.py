"""Reading sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, select

from db.among import among
from db.models import ChatSession
from db.paging import Order, Page, Slice, cut, slice_of
from db.queries.nested import entities, pages_by_parent
from db.visibility import visible_sessions
from domain.text import forms_of_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from db.database import ReadSession
    from domain.viewer import Viewer

LATEST_FIRST = Order((ChatSession.last_activity_at, ChatSession.id), descending=True)


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions; a field that is None does not restrict.

    `active_since` and `idle_since` are the two sides of being active: last activity at or after, and before. A session
    that was closed is on the idle side.
    """

    platform: str | None = None
    user_id: str | None = None
    team_id: int | None = None
    active_since: datetime | None = None
    idle_since: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Give the conditions, all of which have to hold."""
        conditions: list[ColumnElement[bool]] = []
        if self.platform is not None:
            conditions.append(ChatSession.platform.in_(forms_of_name(self.platform)))
        if self.user_id is not None:
            conditions.append(ChatSession.user_id == self.user_id)
        if self.team_id is not None:
            conditions.append(ChatSession.team_id == self.team_id)
        if self.active_since is not None:
            conditions.append((ChatSession.last_activity_at >= self.active_since) & ChatSession.closed_at.is_(None))
        if self.idle_since is not None:
            conditions.append((ChatSession.last_activity_at < self.idle_since) | ChatSession.closed_at.is_not(None))
        return conditions


async def by_ids(session: ReadSession, viewer: Viewer, ids: Sequence[int]) -> dict[int, ChatSession]:
    """Find sessions by id."""
    rows = await session.scalars(select(ChatSession).where(among(ChatSession.id, ids), visible_sessions(viewer)))
    return {row.id: row for row in rows}


async def by_session_ids(session: ReadSession, viewer: Viewer, session_ids: Sequence[str]) -> dict[str, ChatSession]:
    """Find sessions by the identifier that runtimes use.

    Made-up platform and user names can be built to share one; the session that was there first keeps it.
    """
    rows = await session.scalars(
        select(ChatSession)
        .where(among(ChatSession.session_id, session_ids), visible_sessions(viewer))
        .order_by(ChatSession.id.desc())
    )
    return {row.session_id: row for row in rows}


async def by_key(
    session: ReadSession, viewer: Viewer, *, platform: str, user_id: str, team_id: int | None
) -> ChatSession | None:
    """Find the session of a user on a platform, within a team where there is one."""
    forms = forms_of_name(platform)
    rows = await session.scalars(
        select(ChatSession).where(
            ChatSession.platform.in_(forms),
            ChatSession.user_id == user_id,
            ChatSession.team_id.is_(None) if team_id is None else ChatSession.team_id == team_id,
            visible_sessions(viewer),
        )
    )
    found = {row.platform: row for row in rows}
    return next((found[form] for form in forms if form in found), None)


async def page(session: ReadSession, viewer: Viewer, session_filter: SessionFilter, wanted: Page) -> Slice[ChatSession]:
    """Give a page of the sessions that pass the filter, most recently active first."""
    rows = await session.scalars(
        cut(select(ChatSession).where(*_conditions(viewer, session_filter)), LATEST_FIRST, wanted)
    )
    return slice_of(rows.all(), wanted)


async def count(session: ReadSession, viewer: Viewer, session_filter: SessionFilter) -> int:
    """Count the sessions that pass the filter."""
    statement = select(func.count(ChatSession.id)).where(*_conditions(viewer, session_filter))
    return (await session.scalars(statement)).one()


async def pages_by_team(
    session: ReadSession, viewer: Viewer, team_ids: Sequence[int], session_filter: SessionFilter, page: Page
) -> dict[int, Slice[ChatSession]]:
    """Give the same page of each team's sessions, most recently active first."""
    return await pages_by_parent(
        session,
        of_parent=lambda team_id: select(ChatSession).where(
            ChatSession.team_id == team_id, *_conditions(viewer, session_filter)
        ),
        parent_ids=team_ids,
        order=LATEST_FIRST,
        page=page,
        read=entities(ChatSession),
    )


async def counts_by_team(
    session: ReadSession, viewer: Viewer, team_ids: Sequence[int], session_filter: SessionFilter
) -> dict[int | None, int]:
    """Count each team's sessions; a team without any is left out."""
    rows = await session.execute(
        select(ChatSession.team_id, func.count(ChatSession.id))
        .where(among(ChatSession.team_id, team_ids), *_conditions(viewer, session_filter))
        .group_by(ChatSession.team_id)
    )
    return dict(rows.all())


def _conditions(viewer: Viewer, session_filter: SessionFilter) -> list[ColumnElement[bool]]:
    return [visible_sessions(viewer), *session_filter.conditions()]
