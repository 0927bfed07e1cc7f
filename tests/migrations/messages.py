"""Messages as the earlier service writes them, and the sessions that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.migrations.usage import OWNERS

if TYPE_CHECKING:
    from tests.migrations.usage import Connection

NOW = "timezone('utc', clock_timestamp())"
LAG = "SELECT extract(epoch FROM clock_timestamp() - last_activity_at)::float FROM chat_sessions"

KEYS = (
    *OWNERS,
    """
    INSERT INTO api_keys (id, key_hash, key_prefix, name, team_id, is_active, expires_at) VALUES
        (3, 'c', 'c', '', 1, true, '9999-01-01'), (4, 'd', 'd', 'revoked', 1, false, NULL),
        (5, 'e', 'e', 'expired', 1, true, '2026-01-01')
    """,
)
"""Two teams with a key each, and three further ones of the first: one that works, one revoked and one expired."""

_SESSIONS = "SELECT session_id, platform, team_id, user_id, api_key_id FROM chat_sessions ORDER BY id"


async def write(
    connection: Connection,
    *,
    team: int | None = 1,
    user: str = "u",
    key: int | None = None,
    at: str = NOW,
) -> None:
    """Insert a message as the earlier service does."""
    await connection.execute(
        "INSERT INTO messages (team_id, api_key_id, platform, user_id, role, content, created_at)"  # noqa: S608 - SQL of the tests
        f" VALUES ($1, $2, 'one', $3, 'user', 'hello', {at})",
        team,
        key,
        user,
    )


async def sessions(connection: Connection) -> list[tuple[Any, ...]]:
    """Give each session's identifier, platform, team, user and owner."""
    return [tuple(row) for row in await connection.fetch(_SESSIONS)]
