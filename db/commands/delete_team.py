"""Deleting a team with all that hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from db.commands.trail import lock_team, record_deletion
from db.models import ApiKey, ChatSession, Message, Team, UsageLog, UsageTotal
from db.queries.api_keys import count_working
from domain.errors import TeamHasActiveApiKeys

if TYPE_CHECKING:
    from db.database import WriteSession


async def delete_team(
    session: WriteSession, team_id: int, *, expected_revision: int | None, force: bool, actor: str
) -> None:
    """Delete a team, its keys, sessions, messages and usage logs. Its trail stays.

    Raises:
        TeamNotFound, RevisionConflict: see their names.
        TeamHasActiveApiKeys: keys of the team work, and `force` is not set.
    """
    team = await lock_team(session, team_id, expected_revision, deleting=True)
    if not force and (working := await count_working(session, team_id)):
        raise TeamHasActiveApiKeys(working)
    await record_deletion(session, team, actor=actor)
    # The existing tables refuse to lose what they refer to, so the order matters. Other writers may have put down a key
    # of this team for somebody else's message or usage: the message stays, the usage is the key's and goes with it. The
    # totals follow the logs by themselves; what is left of this team's are rows that add up to nothing.
    keys = select(ApiKey.id).where(ApiKey.team_id == team_id)
    # Whoever writes by one of the keys may be waiting for the team: that shows here, before any work is done.
    await session.execute(keys.with_for_update())
    for statement in (
        # Not the team's own messages, however many they are: they go anyway.
        update(Message)
        .where(Message.api_key_id.in_(keys), Message.team_id.is_distinct_from(team_id))
        .values(api_key_id=None),
        delete(UsageLog).where(UsageLog.api_key_id.in_(keys)),
        *(
            delete(table).where(table.team_id == team_id)
            for table in (ChatSession, Message, UsageLog, UsageTotal, ApiKey)
        ),
        delete(Team).where(Team.id == team_id),
    ):
        # Nothing of what goes is held by the session, so there is nothing to keep in step.
        await session.execute(statement, execution_options={"synchronize_session": False})
