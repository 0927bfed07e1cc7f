"""The teams that a database holds, and those that its trail says were created."""

from __future__ import annotations

import asyncio

from tests.api.processes import fetch


def trail(database: str) -> list[str]:
    """The names of the teams that the trail says were created."""
    rows = asyncio.run(fetch(database, "SELECT snapshot->>'display_name' FROM team_revisions"))
    return sorted(name for (name,) in rows)


def teams(database: str) -> list[str]:
    rows = asyncio.run(fetch(database, "SELECT display_name FROM teams"))
    return sorted(name for (name,) in rows)
