"""What changes have written, and putting it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from benchmarks.side_by_side.operations import CHANGED_TEAMS

if TYPE_CHECKING:
    import asyncpg

_MADE: Final = "platform_name LIKE 'zz-made-%'"
# Other values than any request asks for, so that the first change of a team is one.
_BACK: Final = f"""
    UPDATE teams SET rate_limit = 100, max_history = 40, revision = 1 WHERE id <= {CHANGED_TEAMS};
    TRUNCATE team_revisions;
    DELETE FROM api_keys USING teams WHERE teams.id = team_id AND {_MADE};
    DELETE FROM teams WHERE {_MADE};
"""


async def put_back(connection: asyncpg.Connection) -> None:
    """Have the database as before any change, without what dead rows would cost whoever comes next."""
    await connection.execute(_BACK)
    await connection.execute("VACUUM teams, api_keys, team_revisions")


async def changes(connection: asyncpg.Connection) -> int:
    """Count the changes since the last time that they were put back."""
    found: int = await connection.fetchval("SELECT count(*) FROM team_revisions")
    return found


async def trail(connection: asyncpg.Connection) -> list[dict[str, Any]]:
    """Give what was written of changes, but for ids, moments and secrets."""
    rows = await connection.fetch(
        """
        SELECT trail.revision, changed_by, action, snapshot, changed_fields, api_keys.name, created_by,
            length(key_hash) AS digits, team_id > $1 AND left(key_prefix, 3) = 'ak_' AS is_key,
            teams.revision AS current_revision, teams.rate_limit, teams.max_history
        FROM team_revisions AS trail JOIN teams ON teams.id = team_id
        LEFT JOIN api_keys USING (team_id)
        WHERE api_keys.id IS NULL OR api_keys.id = (SELECT max(id) FROM api_keys WHERE api_keys.team_id = teams.id)
        ORDER BY trail.id
        """,
        CHANGED_TEAMS,
    )
    return [{**row, "snapshot": orjson.loads(row["snapshot"])} for row in rows]
