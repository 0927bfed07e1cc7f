"""From rows to what is answered."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import orjson

from benchmarks.side_by_side.handwritten.configuration import effective_config

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TEAM_COLUMNS: Final = (
    "id, display_name, platform_name, platform_type, is_active, revision,"
    " rate_limit, max_history, default_model, available_models, allow_model_switch"
)


def global_id(kind: str, row_id: int) -> str:
    """Write a global id."""
    return base64.b64encode(f"{kind}:{row_id}".encode()).decode()


def row_id_of(kind: str, text: str) -> int:
    """Read a global id.

    Raises:
        ValueError: it is none of that kind.
    """
    found, _, row_id = base64.b64decode(text, validate=True).decode().partition(":")
    if found != kind:
        raise ValueError(f"no id of a {kind}")
    return int(row_id)


def team(row: Mapping[str, Any]) -> dict[str, Any]:
    """Show a team with its configuration."""
    return {
        "id": global_id("Team", row["id"]),
        "displayName": row["display_name"],
        "platformName": row["platform_name"],
        "platformType": "PUBLIC" if row["platform_type"] == "public" else "PRIVATE",
        "isActive": row["is_active"],
        "revision": row["revision"],
        "effectiveConfig": effective_config(row),
    }


def session(row: Mapping[str, Any]) -> dict[str, Any]:
    """Show a session."""
    return {
        "id": global_id("Session", row["id"]),
        "sessionId": row["session_id"],
        "platform": row["platform"],
        "userId": row["user_id"],
        "createdAt": row["created_at"],
        "lastActivityAt": row["last_activity_at"],
    }


def api_key(row: Mapping[str, Any]) -> dict[str, Any]:
    """Show a key."""
    return {
        "id": global_id("ApiKey", row["id"]),
        "name": row["name"],
        "prefix": row["key_prefix"],
        "isActive": row["is_active"],
        "createdAt": row["created_at"],
        "expiresAt": row["expires_at"],
    }


def page(nodes: list[dict[str, Any]], rows: Sequence[Mapping[str, Any]], first: int) -> dict[str, Any]:
    """Show a page; `rows` may hold one more than were asked for, which says that there is a next page."""
    last = rows[len(nodes) - 1] if nodes else None
    return {
        "nodes": nodes,
        "pageInfo": {
            "hasNextPage": len(rows) > first,
            "endCursor": None
            if last is None
            else base64.urlsafe_b64encode(
                orjson.dumps(["teams.DISPLAY_NAME.ASC", last["display_name"], last["id"]])
            ).decode(),
        },
    }
