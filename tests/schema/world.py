"""Rows to read: teams with their keys, sessions and messages, written past the API and many at a time."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.engine import database_url
from db.models import ApiKey, Base, ChatSession, Message, Team
from domain.api_key import NewApiKey, new_api_key
from domain.session_identity import session_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)

Row = dict[str, Any]


@dataclass(frozen=True)
class KeyRow:
    """An API key, with the secret that only its holder knows."""

    id: int
    node_id: str
    secret: str


@dataclass(frozen=True)
class SessionRow:
    """A session with the ids of its messages, oldest first."""

    id: int
    node_id: str
    session_id: str
    platform: str
    user_id: str
    messages: Sequence[str]


@dataclass(frozen=True)
class TeamRow:
    """A team with its keys and sessions."""

    id: int
    node_id: str
    platform_name: str
    display_name: str
    keys: Sequence[KeyRow]
    sessions: Sequence[SessionRow]


def node_id(type_name: str, row_id: int | str) -> str:
    """Give a global id. Clients keep these ids, so their form is written down once more, here."""
    return base64.b64encode(f"{type_name}:{row_id}".encode()).decode()


def add(address: str, model: type[Base], *rows: Mapping[str, Any]) -> list[int]:
    """Insert rows and give their ids, in order. Columns that a row leaves out take the database's default."""

    async def run() -> list[int]:
        engine = create_async_engine(database_url(address), poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                if len({frozenset(row) for row in rows}) == 1:
                    return await _insert(connection, model, rows)
                return [row_id for row in rows for row_id in await _insert(connection, model, [row])]
        finally:
            await engine.dispose()

    return asyncio.run(run())


def add_teams(address: str, *rows: Mapping[str, Any]) -> list[str]:
    """Insert teams and give their global ids; names that are left out are made up."""
    named = [
        {"platform_name": f"platform-{place:03}", "display_name": f"display-{place:03}", **row}
        for place, row in enumerate(rows)
    ]
    return [node_id("Team", row_id) for row_id in add(address, Team, *named)]


def add_key(address: str, team: int, **columns: Any) -> str:
    """Insert an API key of a team and give its secret."""
    key = new_api_key()
    add(address, ApiKey, _key_row(key, team) | columns)
    return key.secret


def add_session(
    address: str, platform: str, user_id: str, *, team: int | None = None, messages: Sequence[Row] = (), **columns: Any
) -> str:
    """Insert a session with its messages, oldest first, and give its global id."""
    (row_id,) = add(address, ChatSession, _session_row(platform, user_id, team) | columns)
    conversation = {"platform": platform, "user_id": user_id, "team_id": team}
    if messages:
        add(address, Message, *({"role": "user", "cleared_at": None} | conversation | message for message in messages))
    return node_id("Session", row_id)


def populate(
    address: str, *, teams: int = 1, keys: int = 2, sessions: int = 2, messages: int = 3, **columns: Any
) -> list[TeamRow]:
    """Insert teams with as many keys and sessions each, and as many messages in each session.

    Every second team is public, and teams differ in the history that they keep. Sessions belong to the first key.
    """

    async def run() -> list[TeamRow]:
        engine = create_async_engine(database_url(address), poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                return await _populate(connection, teams, keys, sessions, messages, columns)
        finally:
            await engine.dispose()

    return asyncio.run(run())


async def _populate(
    connection: AsyncConnection, teams: int, keys: int, sessions: int, messages: int, columns: Row
) -> list[TeamRow]:
    now = datetime.now(UTC)
    team_rows = [
        {
            "platform_name": f"platform-{place:03}",
            "display_name": f"display-{place:03}",
            "platform_type": "private" if place % 2 else "public",
            "max_history": 1 + place % 3,
            **columns,
        }
        for place in range(teams)
    ]
    team_ids = await _insert(connection, Team, team_rows)
    secrets = [new_api_key() for _ in range(teams * keys)]
    key_ids = await _insert(
        connection, ApiKey, [_key_row(key, team_ids[place // keys]) for place, key in enumerate(secrets)]
    )
    session_rows = [
        _session_row(team["platform_name"], f"user-{number}", team_id)
        | {"api_key_id": key_ids[place * keys] if keys else None, "last_activity_at": now - timedelta(minutes=number)}
        for place, (team, team_id) in enumerate(zip(team_rows, team_ids, strict=True))
        for number in range(sessions)
    ]
    session_ids = await _insert(connection, ChatSession, session_rows)
    message_ids = await _insert(
        connection,
        Message,
        [
            {name: session[name] for name in ("platform", "user_id", "team_id", "api_key_id")}
            | {"role": "assistant" if number % 2 else "user", "content": f"message {number}"}
            for session in session_rows
            for number in range(messages)
        ],
    )
    return [
        TeamRow(
            id=team_id,
            node_id=node_id("Team", team_id),
            platform_name=team["platform_name"],
            display_name=team["display_name"],
            keys=[
                KeyRow(key_ids[at], node_id("ApiKey", key_ids[at]), secrets[at].secret)
                for at in range(place * keys, (place + 1) * keys)
            ],
            sessions=[
                SessionRow(
                    session_ids[at],
                    node_id("Session", session_ids[at]),
                    session_rows[at]["session_id"],
                    session_rows[at]["platform"],
                    session_rows[at]["user_id"],
                    [node_id("Message", row_id) for row_id in message_ids[at * messages : (at + 1) * messages]],
                )
                for at in range(place * sessions, (place + 1) * sessions)
            ],
        )
        for place, (team, team_id) in enumerate(zip(team_rows, team_ids, strict=True))
    ]


async def _insert(connection: AsyncConnection, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    if not rows:
        return []
    # By the columns and not by the model's attributes: what is stored is the subject.
    table = cast("Table", model.__table__)
    result = await connection.execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), list(rows))
    return [row_id for (row_id,) in result]


def _key_row(key: NewApiKey, team: int) -> Row:
    return {"key_hash": key.key_hash, "key_prefix": key.prefix, "name": "a key", "team_id": team}


def _session_row(platform: str, user_id: str, team: int | None) -> Row:
    return {
        "session_id": session_id(platform, user_id, team),
        "platform": platform,
        "user_id": user_id,
        "team_id": team,
    }
