"""Reading one session, and the least a team needs to have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.models import Team
from tests.schema.world import add

if TYPE_CHECKING:
    from tests.running_api import RunningApi


def show(api: RunningApi, session: str, fields: str) -> dict[str, Any]:
    """Give fields of a session."""
    document = f"query($id: ID!) {{ session(by: {{id: $id}}) {{ {fields} }} }}"
    shown: dict[str, Any] = api.execute(document, {"id": session})["session"]
    return shown


def add_team(database: str, **columns: Any) -> int:
    """Insert a team and give its row's id."""
    return add(database, Team, {"platform_name": "p", "display_name": "d", **columns})[0]
