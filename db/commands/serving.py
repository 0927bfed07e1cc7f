"""Serving a session: finding it for a caller that may, and holding it while it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select, update

from db.models import ApiKey, ChatSession, Team
from db.visibility import visible_sessions
from domain.errors import SessionNotFound, SessionOwnedByAnotherKey
from domain.viewer import Service, TeamKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from db.database import WriteSession
    from domain.viewer import Viewer


class HeldSession(NamedTuple):
    """A session whose row is held until the transaction ends, with its team."""

    row: ChatSession
    team: Team | None


ACTIVITY: Mapping[str, Any] = {"last_activity_at": func.clock_timestamp()}
"""What every change of a session by its runtime writes: it is active again."""


KEPT: Mapping[str, Any] = {"read": True, "key_share": True, "of": Team}
"""How a team is locked so that it may be changed and not deleted: as its foreign keys do."""


async def hold_session(
    session: WriteSession, viewer: Viewer, session_id: int, values: Mapping[str, Any] = ACTIVITY
) -> HeldSession:
    """Write values to a session that the viewer may serve, and hold its row: changes of one session are one by one.

    Raises:
        SessionNotFound: there is none that the viewer may see.
        SessionOwnedByAnotherKey: the viewer may see it, and another key of its team serves it.
    """
    # The team first, as whoever deletes it does: the other way round the two could wait for each other.
    team = None if isinstance(viewer, Service) else await _keep_team(session, viewer, session_id)
    row = (
        await session.scalars(
            update(ChatSession)
            .where(ChatSession.id == session_id, visible_sessions(viewer))
            .values(dict(values))
            .returning(ChatSession)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
    ).one_or_none()
    if row is None:
        raise SessionNotFound
    await require_ownership(session, viewer, row)
    return HeldSession(row, team)


async def find_session(session: WriteSession, viewer: Viewer, session_id: int) -> ChatSession:
    """Find a session that the viewer may serve, without holding it. Its team stays until the transaction ends.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see hold_session().
    """
    # As in hold_session(): what is written next names a key and its team, and has the key looked at first.
    kept = select(Team.id).where(Team.id == ChatSession.team_id).with_for_update(**KEPT).scalar_subquery()
    statement = select(ChatSession, kept).where(ChatSession.id == session_id, visible_sessions(viewer))
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise SessionNotFound
    row: ChatSession
    row, team_id = found
    if row.team_id != team_id:
        # The team was deleted while this waited for it, and the session with it.
        raise SessionNotFound
    await require_ownership(session, viewer, row)
    return row


async def require_ownership(session: WriteSession, viewer: Viewer, row: ChatSession) -> None:
    """Let a team's key serve what it opened, and what none of the team's keys did.

    Raises:
        SessionOwnedByAnotherKey: another key of the team opened it.
    """
    if not isinstance(viewer, TeamKey) or row.api_key_id in (None, viewer.api_key_id):
        return
    prefix = (await session.scalars(select(ApiKey.key_prefix).where(ApiKey.id == row.api_key_id))).one_or_none()
    raise SessionOwnedByAnotherKey(caller_prefix=viewer.name, owner_prefix=prefix or "a key that is gone")


async def _keep_team(session: WriteSession, viewer: Viewer, session_id: int) -> Team | None:
    return (
        await session.scalars(
            select(Team)
            .join(ChatSession, ChatSession.team_id == Team.id)
            .where(ChatSession.id == session_id, visible_sessions(viewer))
            .with_for_update(**KEPT)
        )
    ).one_or_none()
