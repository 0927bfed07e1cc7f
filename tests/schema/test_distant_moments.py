"""Timestamps that other programs stored and Python cannot hold: whatever lists them shows them, each once."""

# ruff: noqa: S608 - the statements are put together of values from here
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql

if TYPE_CHECKING:
    from tests.running_api import RunningApi

MOMENTS = ("-infinity", "4000-01-01 BC", "0044-03-15 BC", "2026-01-31", "9999-12-31", "10000-01-01", "infinity")
FIRST, LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"
SHOWN = [FIRST, FIRST, FIRST, "2026-01-31T00:00:00Z", "9999-12-31T00:00:00Z", LAST, LAST]


@pytest.fixture
def _filled(api: RunningApi, database: str) -> None:  # noqa: ARG001 - emptied by it
    statements = []
    for number, moment in enumerate(MOMENTS, start=1):
        statements += [
            f"""INSERT INTO teams (id, display_name, platform_name, created_at, updated_at)
                VALUES ({number}, '{number}', '{number}', '{moment}', '{moment}')""",
            f"""INSERT INTO api_keys
                (key_hash, key_prefix, name, team_id, created_at, last_used_at, expires_at, previous_secret_expires_at)
                VALUES ('{number}', 'p', '{number}', 1, '{moment}', '{moment}', '{moment}', '{moment}')""",
            f"""INSERT INTO messages (team_id, platform, user_id, role, content, created_at)
                VALUES (1, '1', 'u', 'user', '{number}', '{moment}')""",
            f"""INSERT INTO usage_logs (api_key_id, team_id, session_id, platform, "timestamp")
                VALUES ((SELECT max(id) FROM api_keys), 1, 's', '1', '{moment}')""",
            f"""INSERT INTO chat_sessions
                (session_id, platform, team_id, user_id, created_at, last_activity_at, closed_at)
                VALUES (md5('{number}'), '1', 1, '{number}', '{moment}', '{moment}', '{moment}')""",
        ]
    run_sql(database, *statements)


LISTS = {
    "teams": "teams(first: 1, after: $after, orderBy: {field: CREATED_AT, direction: ASC}) "
    "{ nodes { createdAt updatedAt } pageInfo { hasNextPage endCursor } }",
    "teams backwards": "teams(last: 1, before: $after, orderBy: {field: UPDATED_AT, direction: DESC}) "
    "{ nodes { createdAt updatedAt } pageInfo { hasNextPage: hasPreviousPage endCursor: startCursor } }",
    "apiKeys": 'team(by: {platformName: "1"}) { apiKeys(first: 1, after: $after) '
    "{ nodes { createdAt lastUsedAt expiresAt } pageInfo { hasNextPage endCursor } } }",
    "sessions": "sessions(first: 1, after: $after, filter: {isActive: false}) "
    "{ nodes { userId createdAt lastActivityAt isActive } pageInfo { hasNextPage endCursor } }",
}


def pages(api: RunningApi, wanted: str) -> list[dict[str, Any]]:
    """All nodes of a list, page by page."""
    nodes: list[dict[str, Any]] = []
    after = None
    while len(nodes) <= 2 * len(MOMENTS):
        (page,) = api.execute(f"query ($after: String) {{ {wanted} }}", {"after": after}).values()
        page = page.get("apiKeys", page)
        nodes += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    return nodes


@pytest.mark.usefixtures("_filled")
@pytest.mark.parametrize(("wanted", "descending"), [("teams", False), ("teams backwards", False), ("apiKeys", True)])
def test_a_list_shows_them_as_the_nearest_and_goes_on(api: RunningApi, wanted: str, descending: bool) -> None:  # noqa: FBT001 - a case
    shown = [node["createdAt"] for node in pages(api, LISTS[wanted])]
    assert shown == (SHOWN[::-1] if descending else SHOWN)


@pytest.mark.usefixtures("_filled")
def test_sessions_are_listed_whenever_they_were_last_active(api: RunningApi) -> None:
    nodes = pages(api, LISTS["sessions"])
    shown = {node["userId"]: node["lastActivityAt"] for node in nodes}
    assert len(nodes) == len(shown)
    assert [shown[str(number)] for number in range(1, len(MOMENTS) + 1)] == SHOWN


@pytest.mark.usefixtures("_filled")
def test_messages_and_usage_are_read(api: RunningApi) -> None:
    team = api.execute(
        '{ team(by: {platformName: "1"}) { quota { daily { used } } usage { requests byDay { day } }'
        " sessions(first: 20) { nodes { messages(first: 20) { nodes { content createdAt } } } } } }"
    )["team"]
    messages = [node for session in team["sessions"]["nodes"] for node in session["messages"]["nodes"]]
    assert sorted(node["createdAt"] for node in messages) == SHOWN
