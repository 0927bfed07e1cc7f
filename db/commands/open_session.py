"""Opening a session: the one that there is, or a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, null, select, update
from sqlalchemy.dialects.postgresql import insert

from db.commands.serving import ACTIVITY, KEPT, require_ownership
from db.errors import ConstraintViolated
from db.models import ChatSession, Team
from db.rows import SESSION_COLUMNS, SessionRow
from db.statement import statement
from domain.errors import TeamNotFound
from domain.session_identity import session_id

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, ClauseElement
    from sqlalchemy.orm import InstrumentedAttribute

    from db.transaction import Transaction
    from domain.session_opening import SessionOpening
    from domain.viewer import Viewer

_REFERENCES = ("chat_sessions_team_id_fkey", "chat_sessions_api_key_id_fkey")
_GIVEN = (
    ChatSession.session_id,
    ChatSession.platform,
    ChatSession.user_id,
    ChatSession.team_id,
    ChatSession.api_key_id,
)


async def open_session(transaction: Transaction, viewer: Viewer, opening: SessionOpening) -> tuple[SessionRow, bool]:
    """Open the session of a user, and say whether it is new. One that was closed goes on.

    The key that opens a team's session owns it; one that nobody owned yet is the key's from now on.

    Raises:
        TeamNotFound: the team was deleted just now.
        SessionOwnedByAnotherKey: another key of the team owns the session.
    """
    row = await _reopen(transaction, opening)
    created = False
    if row is None and (row := await _create(transaction, opening)) is not None:
        created = True
    elif row is None:
        # Somebody else made it in between, and it is there to stay.
        row = await _reopen(transaction, opening)
    if row is None:
        raise TeamNotFound
    await require_ownership(transaction, viewer, row)
    return row, created


async def _reopen(transaction: Transaction, opening: SessionOpening) -> SessionRow | None:
    of_team = opening.team_id is not None
    reopened = statement(("session that is opened again", of_team), lambda: _update(of_team=of_team))
    record = await transaction.row(
        reopened,
        new_platform=opening.platform,
        new_user_id=opening.user_id,
        new_api_key_id=opening.api_key_id,
        **({"new_team_id": opening.team_id} if of_team else {}),
    )
    return None if record is None else SessionRow._make(record)


def _update(*, of_team: bool) -> ClauseElement:
    # The team first, as in hold_session(): a session that becomes the key's has the key looked at, and whoever deletes
    # the team holds its keys by then.
    kept = select(Team.id).where(Team.id == _new(ChatSession.team_id)).with_for_update(**KEPT).scalar_subquery()
    return (
        update(ChatSession)
        .where(
            ChatSession.platform == _new(ChatSession.platform),
            ChatSession.user_id == _new(ChatSession.user_id),
            ChatSession.team_id == kept if of_team else ChatSession.team_id.is_(None),
        )
        .values(
            closed_at=null(),
            api_key_id=func.coalesce(ChatSession.api_key_id, _new(ChatSession.api_key_id)),
            **ACTIVITY,
        )
        .returning(*SESSION_COLUMNS)
    )


async def _create(transaction: Transaction, opening: SessionOpening) -> SessionRow | None:
    """Add the session; None where somebody else has just added it."""
    try:
        record = await transaction.row(
            statement("new session", _insert),
            new_session_id=session_id(opening.platform, opening.user_id, opening.team_id),
            new_platform=opening.platform,
            new_user_id=opening.user_id,
            new_team_id=opening.team_id,
            new_api_key_id=opening.api_key_id,
        )
    except ConstraintViolated as error:
        if error.name in _REFERENCES:
            raise TeamNotFound from error
        raise
    return None if record is None else SessionRow._make(record)


def _insert() -> ClauseElement:
    return (
        insert(ChatSession)
        .values({column.key: _new(column) for column in _GIVEN})
        .on_conflict_do_nothing(index_elements=["platform", "team_id", "user_id"])
        .returning(*SESSION_COLUMNS)
    )


def _new(column: InstrumentedAttribute[Any]) -> BindParameter[Any]:
    return bindparam(f"new_{column.key}", type_=column.type)
