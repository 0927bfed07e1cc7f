"""Opening a session: the one that there is, or a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from db.commands.serving import ACTIVITY, KEPT, require_ownership
from db.errors import constraint_name
from db.models import ChatSession, Team
from domain.errors import TeamNotFound
from domain.session_identity import session_id

if TYPE_CHECKING:
    from db.database import WriteSession
    from domain.session_opening import SessionOpening
    from domain.viewer import Viewer

_REFERENCES = ("chat_sessions_team_id_fkey", "chat_sessions_api_key_id_fkey")


async def open_session(session: WriteSession, viewer: Viewer, opening: SessionOpening) -> tuple[ChatSession, bool]:
    """Open the session of a user, and say whether it is new. One that was closed goes on.

    The key that opens a team's session owns it; one that nobody owned yet is the key's from now on.

    Raises:
        TeamNotFound: the team was deleted just now.
        SessionOwnedByAnotherKey: another key of the team owns the session.
    """
    row = await _reopen(session, opening)
    created = False
    if row is None and (row := await _create(session, opening)) is not None:
        created = True
    elif row is None:
        # Somebody else made it in between, and it is there to stay.
        row = await _reopen(session, opening)
    if row is None:
        raise TeamNotFound
    await require_ownership(session, viewer, row)
    return row, created


async def _reopen(session: WriteSession, opening: SessionOpening) -> ChatSession | None:
    # The team first, as in hold_session(): a session that becomes the key's has the key looked at, and whoever deletes
    # the team holds its keys by then.
    kept = select(Team.id).where(Team.id == opening.team_id).with_for_update(**KEPT).scalar_subquery()
    return (
        await session.scalars(
            update(ChatSession)
            .where(
                ChatSession.platform == opening.platform,
                ChatSession.user_id == opening.user_id,
                ChatSession.team_id.is_(None) if opening.team_id is None else ChatSession.team_id == kept,
            )
            .values(closed_at=None, api_key_id=func.coalesce(ChatSession.api_key_id, opening.api_key_id), **ACTIVITY)
            .returning(ChatSession)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
    ).one_or_none()


async def _create(session: WriteSession, opening: SessionOpening) -> ChatSession | None:
    """Add the session; None where somebody else has just added it."""
    try:
        return (
            await session.scalars(
                insert(ChatSession)
                .values(
                    session_id=session_id(opening.platform, opening.user_id, opening.team_id),
                    platform=opening.platform,
                    user_id=opening.user_id,
                    team_id=opening.team_id,
                    api_key_id=opening.api_key_id,
                )
                .on_conflict_do_nothing(index_elements=["platform", "team_id", "user_id"])
                .returning(ChatSession)
            )
        ).one_or_none()
    except IntegrityError as error:
        if constraint_name(error) in _REFERENCES:
            raise TeamNotFound from error
        raise
