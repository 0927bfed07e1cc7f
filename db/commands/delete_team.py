"""Deleting a team with all that hangs on it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, delete, null, select, update

from db.commands.trail import lock_team, record_deletion
from db.models import ApiKey, ChatSession, Message, Team, UsageLog, UsageTotal
from db.queries.api_keys import count_working
from db.statement import statement
from domain.errors import TeamHasActiveApiKeys

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement

    from db.transaction import Transaction

_TEAM = bindparam("deleted_team", type_=Integer)
_KEYS = select(ApiKey.id).where(ApiKey.team_id == _TEAM)
# The existing tables refuse to lose what they refer to, so the order matters. Other writers may have put down a key of
# this team for somebody else's message or usage: the message stays, the usage is the key's and goes with it. The totals
# follow the logs by themselves; what is left of this team's are rows that add up to nothing.
_STEPS: tuple[ClauseElement, ...] = (
    # Whoever writes by one of the keys may be waiting for the team: that shows here, before any work is done.
    _KEYS.with_for_update(),
    # Not the team's own messages, however many they are: they go anyway.
    update(Message)
    .where(Message.api_key_id.in_(_KEYS), Message.team_id.is_distinct_from(_TEAM))
    .values(api_key_id=null()),
    delete(UsageLog).where(UsageLog.api_key_id.in_(_KEYS)),
    *(delete(table).where(table.team_id == _TEAM) for table in (ChatSession, Message, UsageLog, UsageTotal, ApiKey)),
    delete(Team).where(Team.id == _TEAM),
)


async def delete_team(
    transaction: Transaction, team_id: int, *, expected_revision: int | None, force: bool, actor: str
) -> None:
    """Delete a team, its keys, sessions, messages and usage logs. Its trail stays.

    Raises:
        TeamNotFound, RevisionConflict: see their names.
        TeamHasActiveApiKeys: keys of the team work, and `force` is not set.
    """
    team = await lock_team(transaction, team_id, expected_revision, deleting=True)
    if not force and (working := await count_working(transaction, team_id)):
        raise TeamHasActiveApiKeys(working)
    await record_deletion(transaction, team, actor=actor)
    for number in range(len(_STEPS)):
        step = statement(("deletion of a team", number), partial(_STEPS.__getitem__, number))
        await transaction.rows(step, deleted_team=team_id)
