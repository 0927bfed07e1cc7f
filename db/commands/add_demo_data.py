"""Adding teams for trying things out, with all that belongs to a team, in bulk."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from db.among import among_those
from db.commands.create_team import columns_of
from db.commands.trail import record_creation
from db.models import ApiKey, ChatSession, Message, Team, TeamRevision, UsageLog
from db.statement import statement
from domain.session_identity import session_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ClauseElement
    from sqlalchemy.orm import InstrumentedAttribute

    from db.demo_data import DemoSession, DemoTeam
    from db.models import Base
    from db.transaction import Transaction

_ROWS_AT_A_TIME = 2000


@dataclass(frozen=True, slots=True)
class AddedDemoData:
    """What was added: the teams themselves, and how many rows of everything else."""

    teams: tuple[DemoTeam, ...] = ()
    api_keys: int = 0
    sessions: int = 0
    messages: int = 0
    usage_logs: int = 0


@dataclass(frozen=True, slots=True)
class _Conversation:
    platform: str
    team_id: int | None
    api_key_id: int | None
    content: DemoSession


async def add_demo_data(transaction: Transaction, teams: Sequence[DemoTeam], *, actor: str) -> AddedDemoData:
    """Add those of the teams whose names are free.

    Raises:
        PlatformNameTaken, DisplayNameTaken: somebody took a name just now; in a new transaction it is seen in time.
    """
    team_ids = await _add_teams(transaction, teams, actor=actor)
    added = tuple(team for team in teams if team.new.platform_name in team_ids)
    if not added:
        return AddedDemoData()
    key_ids = await _add_api_keys(transaction, added, team_ids, actor=actor)
    of_teams = [
        _Conversation(
            team.new.platform_name,
            team_ids[team.new.platform_name],
            None if content.api_key is None else key_ids[team.api_keys[content.api_key].key.key_hash],
            content,
        )
        for team in added
        for content in team.sessions
    ]
    visitors = [
        _Conversation(team.visitor.platform, None, None, team.visitor.session)
        for team in added
        if team.visitor is not None
    ]
    await _add(transaction, ChatSession, map(_session_row, of_teams))
    conversations = [*of_teams, *await _add_new_visitors(transaction, visitors)]
    return AddedDemoData(
        teams=added,
        api_keys=len(key_ids),
        sessions=len(conversations),
        messages=await _add(transaction, Message, _message_rows(conversations)),
        usage_logs=await _add(transaction, UsageLog, _usage_rows(added, team_ids, key_ids)),
    )


async def _add_teams(transaction: Transaction, teams: Sequence[DemoTeam], *, actor: str) -> dict[str, int]:
    # A failed insert would do as well, but each leaves an error in the server's log.
    taken = await transaction.rows(
        statement("names that are taken", _taken),
        platform_names=[team.new.platform_name for team in teams],
        display_names=[team.new.display_name for team in teams],
    )
    names = {name for row in taken for name in row}
    ids: dict[str, int] = {}
    for team in teams:
        new = team.new
        if new.platform_name in names or new.display_name in names:
            continue
        columns = {
            **columns_of(new),
            "is_active": team.is_active,
            "created_at": team.created_at,
            "updated_at": team.created_at,
        }
        ids[new.platform_name] = (await record_creation(transaction, columns, actor=actor)).id
    await transaction.rows(statement("older trails", _age_trails), teams=list(ids.values()))
    return ids


def _taken() -> ClauseElement:
    return select(Team.platform_name, Team.display_name).where(
        or_(among_those(Team.platform_name, "platform_names"), among_those(Team.display_name, "display_names"))
    )


def _age_trails() -> ClauseElement:
    """The trail tells the time of its writing, and these teams are to look older than that."""
    return (
        update(TeamRevision)
        .where(TeamRevision.team_id == Team.id, among_those(Team.id, "teams"))
        .values(changed_at=func.timezone("utc", Team.created_at))
    )


async def _add_api_keys(
    transaction: Transaction, teams: Sequence[DemoTeam], team_ids: dict[str, int], *, actor: str
) -> dict[str, int]:
    """Add the keys and give their ids by digest."""
    rows = [
        {
            "key_hash": api_key.key.key_hash,
            "key_prefix": api_key.key.prefix,
            "name": api_key.name,
            "description": api_key.description,
            "team_id": team_ids[team.new.platform_name],
            "monthly_quota": api_key.monthly_quota,
            "is_active": api_key.is_active,
            "created_by": actor,
            "created_at": api_key.created_at,
            "last_used_at": api_key.last_used_at,
            "expires_at": api_key.expires_at,
        }
        for team in teams
        for api_key in team.api_keys
    ]
    return dict(await _insert(transaction, ApiKey, rows, (ApiKey.key_hash, ApiKey.id)))


async def _add_new_visitors(transaction: Transaction, visitors: Sequence[_Conversation]) -> list[_Conversation]:
    """Add sessions without a team and give those that are new: a visitor of an earlier run may have come already."""
    if not visitors:
        return []
    rows = [_session_row(visitor) for visitor in visitors]
    new = {
        user_id for (user_id,) in await _insert(transaction, ChatSession, rows, (ChatSession.user_id,), skipping=True)
    }
    return [visitor for visitor in visitors if visitor.content.user_id in new]


def _session_row(conversation: _Conversation) -> dict[str, Any]:
    content = conversation.content
    return {
        "session_id": session_id(conversation.platform, content.user_id, conversation.team_id),
        "platform": conversation.platform,
        "team_id": conversation.team_id,
        "api_key_id": conversation.api_key_id,
        "user_id": content.user_id,
        "chosen_model": content.chosen_model,
        "created_at": content.created_at,
        "last_activity_at": content.last_activity_at,
    }


def _message_rows(conversations: Iterable[_Conversation]) -> Iterator[dict[str, Any]]:
    for conversation in conversations:
        for message in conversation.content.messages:
            yield {
                "team_id": conversation.team_id,
                "api_key_id": conversation.api_key_id,
                "platform": conversation.platform,
                "user_id": conversation.content.user_id,
                "role": message.role,
                "content": message.content,
                "created_at": message.created_at,
                "cleared_at": message.cleared_at,
            }


def _usage_rows(
    teams: Iterable[DemoTeam], team_ids: dict[str, int], key_ids: dict[str, int]
) -> Iterator[dict[str, Any]]:
    for team in teams:
        platform = team.new.platform_name
        for usage in team.usage:
            yield {
                "api_key_id": key_ids[team.api_keys[usage.api_key].key.key_hash],
                "team_id": team_ids[platform],
                "session_id": session_id(platform, usage.user_id, team_ids[platform]),
                "platform": platform,
                "model_used": usage.model,
                "request_count": usage.request_count,
                "tokens_used": usage.tokens,
                "estimated_cost": usage.cost,
                "success": usage.error_message is None,
                "response_time_ms": usage.response_time_ms,
                "error_message": usage.error_message,
                "timestamp": usage.timestamp,
            }


async def _add(transaction: Transaction, table: type[Base], rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    remaining = iter(rows)
    while batch := list(itertools.islice(remaining, _ROWS_AT_A_TIME)):
        await _insert(transaction, table, batch)
        count += len(batch)
    return count


async def _insert(
    transaction: Transaction,
    table: type[Base],
    rows: Sequence[dict[str, Any]],
    returned: Sequence[InstrumentedAttribute[Any]] = (),
    *,
    skipping: bool = False,
) -> list[Any]:
    """Add rows, `skipping` those that are there already, and give columns of those that were added."""
    if not rows:
        return []
    # One array for each column: a statement of its own size for each batch would be compiled each time, and asyncpg's
    # executemany() never comes back when it is cancelled.
    columns = [table.__table__.c[name] for name in rows[0]]

    def write() -> ClauseElement:
        arrays = (bindparam(f"new_{column.name}", type_=ARRAY(column.type)) for column in columns)
        source = func.unnest(*arrays).table_valued(*(column.name for column in columns)).render_derived()
        added = insert(table).from_select(columns, select(*source.c))
        added = added.on_conflict_do_nothing() if skipping else added
        return added.returning(*returned) if returned else added

    return await transaction.rows(
        statement(("demo data", table.__tablename__, skipping), write),
        **{f"new_{column.name}": [row[column.name] for row in rows] for column in columns},
    )
