"""Reading sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, String, bindparam, func, select

from db.among import among_those
from db.models import ChatSession
from db.models.base import AWARE
from db.paging import Order, Page, Slice, cut, page_parameters, slice_of
from db.queries.nested import pages_of_parents, slices_of_parents
from db.rows import SESSION_COLUMNS, SessionRow, session_row
from db.statement import statement
from db.visibility import scope, scope_parameters, visible_sessions
from domain.text import forms_of_name

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from datetime import datetime

    from db.database import Database
    from domain.viewer import Viewer

LATEST_FIRST = Order((ChatSession.last_activity_at, ChatSession.id), descending=True)


class SessionFilter(NamedTuple):
    """Which sessions; a field that is None does not restrict. A tuple, as Page is one.

    `active_since` and `idle_since` are the two sides of being active: last activity at or after, and before. A session
    that was closed is on the idle side.
    """

    platform: str | None = None
    user_id: str | None = None
    team_id: int | None = None
    active_since: datetime | None = None
    idle_since: datetime | None = None

    @property
    def shape(self) -> Hashable:
        """What of the filter decides how its conditions are written; the rest of it is parameters of them."""
        return frozenset(self.parameters)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the conditions."""
        parameters = {
            "platforms": None if self.platform is None else forms_of_name(self.platform),
            "user_id": self.user_id,
            "team_id": self.team_id,
            "active_since": self.active_since,
            "idle_since": self.idle_since,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def conditions(self) -> list[ColumnElement[bool]]:
        """Give the conditions, all of which have to hold."""
        last = ChatSession.last_activity_at
        conditions: list[ColumnElement[bool]] = []
        if self.platform is not None:
            conditions.append(among_those(ChatSession.platform, "platforms"))
        if self.user_id is not None:
            conditions.append(ChatSession.user_id == bindparam("user_id", type_=String))
        if self.team_id is not None:
            conditions.append(ChatSession.team_id == bindparam("team_id", type_=Integer))
        if self.active_since is not None:
            conditions.append((last >= bindparam("active_since", type_=AWARE)) & ChatSession.closed_at.is_(None))
        if self.idle_since is not None:
            conditions.append((last < bindparam("idle_since", type_=AWARE)) | ChatSession.closed_at.is_not(None))
        return conditions


async def by_ids(database: Database, viewer: Viewer, ids: Sequence[int]) -> dict[int, SessionRow]:
    """Find sessions by id."""
    found = statement(
        ("sessions by ids", scope(viewer)),
        lambda: select(*SESSION_COLUMNS).where(among_those(ChatSession.id, "ids"), visible_sessions(viewer)),
    )
    rows = map(session_row, await database.rows(found, ids=ids, **scope_parameters(viewer)))
    return {row.id: row for row in rows}


async def by_session_ids(database: Database, viewer: Viewer, session_ids: Sequence[str]) -> dict[str, SessionRow]:
    """Find sessions by the identifier that runtimes use.

    Made-up platform and user names can be built to share one; the session that was there first keeps it.
    """
    found = statement(
        ("sessions by session ids", scope(viewer)),
        lambda: (
            select(*SESSION_COLUMNS)
            .where(among_those(ChatSession.session_id, "session_ids"), visible_sessions(viewer))
            .order_by(ChatSession.id.desc())
        ),
    )
    records = await database.rows(found, session_ids=session_ids, **scope_parameters(viewer))
    return {row.session_id: row for row in map(session_row, records)}


async def by_key(
    database: Database, viewer: Viewer, *, platform: str, user_id: str, team_id: int | None
) -> SessionRow | None:
    """Find the session of a user on a platform, within a team where there is one."""
    key = SessionFilter(platform=platform, user_id=user_id, team_id=team_id)
    of_no_team = [ChatSession.team_id.is_(None)] if team_id is None else []
    one = statement(
        ("session by key", scope(viewer), key.shape),
        lambda: select(*SESSION_COLUMNS).where(*_conditions(viewer, key), *of_no_team),
    )
    records = await database.rows(one, **scope_parameters(viewer), **key.parameters)
    found = {row.platform: row for row in map(session_row, records)}
    return next((found[form] for form in forms_of_name(platform) if form in found), None)


async def page(database: Database, viewer: Viewer, session_filter: SessionFilter, wanted: Page) -> Slice[SessionRow]:
    """Give a page of the sessions that pass the filter, most recently active first."""
    paged = statement(
        ("page of sessions", scope(viewer), session_filter.shape, wanted.shape),
        lambda: cut(select(*SESSION_COLUMNS).where(*_conditions(viewer, session_filter)), LATEST_FIRST, wanted),
    )
    records = await database.rows(
        paged, **scope_parameters(viewer), **session_filter.parameters, **page_parameters(wanted)
    )
    return slice_of([session_row(record) for record in records], wanted)


async def count(database: Database, viewer: Viewer, session_filter: SessionFilter) -> int:
    """Count the sessions that pass the filter."""
    counted = statement(
        ("count of sessions", scope(viewer), session_filter.shape),
        lambda: select(func.count(ChatSession.id)).where(*_conditions(viewer, session_filter)),
    )
    ((number,),) = await database.rows(counted, **scope_parameters(viewer), **session_filter.parameters)
    return int(number)


async def pages_by_team(
    database: Database, viewer: Viewer, team_ids: Sequence[int], session_filter: SessionFilter, page: Page
) -> dict[int, Slice[SessionRow]]:
    """Give the same page of each team's sessions, most recently active first."""
    paged = statement(
        ("pages of sessions by team", scope(viewer), session_filter.shape, page.shape),
        lambda: pages_of_parents(
            lambda team_id: select(*SESSION_COLUMNS).where(
                ChatSession.team_id == team_id, *_conditions(viewer, session_filter)
            ),
            LATEST_FIRST,
            page,
        ),
    )
    records = await database.rows(
        paged, parents=team_ids, **scope_parameters(viewer), **session_filter.parameters, **page_parameters(page)
    )
    return slices_of_parents(team_ids, [(record[0], session_row(record[1:])) for record in records], page)


async def counts_by_team(
    database: Database, viewer: Viewer, team_ids: Sequence[int], session_filter: SessionFilter
) -> dict[int, int]:
    """Count each team's sessions; a team without any is left out."""
    counted = statement(
        ("counts of sessions by team", scope(viewer), session_filter.shape),
        lambda: (
            select(ChatSession.team_id, func.count(ChatSession.id))
            .where(among_those(ChatSession.team_id, "team_ids"), *_conditions(viewer, session_filter))
            .group_by(ChatSession.team_id)
        ),
    )
    records = await database.rows(counted, team_ids=team_ids, **scope_parameters(viewer), **session_filter.parameters)
    return dict(records)


def _conditions(viewer: Viewer, session_filter: SessionFilter) -> list[ColumnElement[bool]]:
    return [visible_sessions(viewer), *session_filter.conditions()]
