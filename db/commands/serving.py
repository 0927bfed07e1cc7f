"""Serving a session: finding it for a caller that may, and holding it while it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, func, select, update

from db.models import ApiKey, ChatSession, Team
from db.rows import SESSION_COLUMNS, TEAM_COLUMNS, SessionRow, TeamRow
from db.statement import statement
from db.visibility import scope, scope_parameters, visible_sessions
from domain.errors import SessionNotFound, SessionOwnedByAnotherKey
from domain.viewer import Service, TeamKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ClauseElement, ColumnElement

    from db.transaction import Transaction
    from domain.viewer import Viewer


class HeldSession(NamedTuple):
    """A session whose row is held until the transaction ends, with its team."""

    row: SessionRow
    team: TeamRow | None


ACTIVITY: Mapping[str, Any] = {"last_activity_at": func.clock_timestamp()}
"""What every change of a session by its runtime writes: it is active again."""

_CLOSING: Mapping[str, Any] = {"closed_at": func.coalesce(ChatSession.closed_at, func.clock_timestamp())}


KEPT: Mapping[str, Any] = {"read": True, "key_share": True, "of": Team}
"""How a team is locked so that it may be changed and not deleted: as its foreign keys do."""


async def hold_session(
    transaction: Transaction, viewer: Viewer, session_id: int, *, closing: bool = False
) -> HeldSession:
    """Hold the row of a session that the viewer may serve: changes of one session are one by one.

    The session is active from then on; or `closing` ends it, unless it was closed before.

    Raises:
        SessionNotFound: there is none that the viewer may see.
        SessionOwnedByAnotherKey: the viewer may see it, and another key of its team serves it.
    """
    # The team first, as whoever deletes it does: the other way round the two could wait for each other.
    team = None if isinstance(viewer, Service) else await _keep_team(transaction, viewer, session_id)
    held = statement(
        ("session that is held", scope(viewer), closing),
        lambda: (
            update(ChatSession)
            .where(*_of_session(viewer))
            .values(dict(_CLOSING if closing else ACTIVITY))
            .returning(*SESSION_COLUMNS)
        ),
    )
    record = await transaction.row(held, session_row_id=session_id, **scope_parameters(viewer))
    if record is None:
        raise SessionNotFound
    row = SessionRow._make(record)
    await require_ownership(transaction, viewer, row)
    return HeldSession(row, team)


async def find_session(transaction: Transaction, viewer: Viewer, session_id: int) -> SessionRow:
    """Find a session that the viewer may serve, without holding it. Its team stays until the transaction ends.

    Raises:
        SessionNotFound, SessionOwnedByAnotherKey: see hold_session().
    """

    def write() -> ClauseElement:
        # As in hold_session(): what is written next names a key and its team, and has the key looked at first.
        kept = select(Team.id).where(Team.id == ChatSession.team_id).with_for_update(**KEPT).scalar_subquery()
        return select(*SESSION_COLUMNS, kept).where(*_of_session(viewer))

    found = statement(("session whose team is kept", scope(viewer)), write)
    record = await transaction.row(found, session_row_id=session_id, **scope_parameters(viewer))
    if record is None:
        raise SessionNotFound
    *columns, team_id = record
    row = SessionRow._make(columns)
    if row.team_id != team_id:
        # The team was deleted while this waited for it, and the session with it.
        raise SessionNotFound
    await require_ownership(transaction, viewer, row)
    return row


async def require_ownership(transaction: Transaction, viewer: Viewer, row: SessionRow) -> None:
    """Let a team's key serve what it opened, and what none of the team's keys did.

    Raises:
        SessionOwnedByAnotherKey: another key of the team opened it.
    """
    if not isinstance(viewer, TeamKey) or row.api_key_id in (None, viewer.api_key_id):
        return
    prefix = statement(
        "prefix of a key",
        lambda: select(ApiKey.key_prefix).where(ApiKey.id == bindparam("key_id", type_=ApiKey.id.type)),
    )
    found = await transaction.row(prefix, key_id=row.api_key_id)
    raise SessionOwnedByAnotherKey(
        caller_prefix=viewer.name, owner_prefix="a key that is gone" if found is None else found[0]
    )


async def _keep_team(transaction: Transaction, viewer: Viewer, session_id: int) -> TeamRow | None:
    kept = statement(
        ("team of a session, kept", scope(viewer)),
        lambda: (
            select(*TEAM_COLUMNS)
            .join(ChatSession, ChatSession.team_id == Team.id)
            .where(*_of_session(viewer))
            .with_for_update(**KEPT)
        ),
    )
    record = await transaction.row(kept, session_row_id=session_id, **scope_parameters(viewer))
    return None if record is None else TeamRow.of(record)


def _of_session(viewer: Viewer) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return ChatSession.id == bindparam("session_row_id", type_=BigInteger), visible_sessions(viewer)
