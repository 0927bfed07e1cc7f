"""Lists of sessions: the most recently active first, and filters that mean what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql
from tests.schema.world import add_session, node_id, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi


@pytest.mark.parametrize(
    ("session_filter", "expected"),
    [
        ({}, "abcdef"),
        ({"platform": None, "userId": None, "isActive": None, "teamId": None}, "abcdef"),
        ({"platform": "p"}, "abd"),
        ({"platform": "P"}, ""),
        ({"platform": ""}, ""),
        ({"userId": "u"}, "acf"),
        ({"userId": "%"}, "e"),
        ({"userId": "U"}, ""),
        ({"isActive": True}, "ac"),
        ({"isActive": False}, "bdef"),
        ({"teamId": node_id("Team", 1)}, "ab"),
        ({"teamId": node_id("Team", 2)}, "c"),
        ({"teamId": node_id("Team", 3)}, ""),
        ({"teamId": node_id("ApiKey", 1)}, ""),
        ({"teamId": "nonsense"}, ""),
        ({"teamId": ""}, ""),
        ({"platform": "p", "userId": "v", "isActive": False, "teamId": node_id("Team", 1)}, "b"),
        ({"platform": "p", "userId": "u", "isActive": False}, ""),
    ],
)
def test_a_filter_restricts_by_all_that_it_names(
    api: RunningApi, database: str, session_filter: dict[str, Any], expected: str
) -> None:
    populate(database, teams=2, keys=0, sessions=0)
    rows = {
        "a": ("p", "u", 1, 1),
        "b": ("p", "v", 1, 40),
        "c": ("q", "u", 2, 2),
        "d": ("p", "w", None, 50),
        "e": ("q", "%", None, 60),
        "f": ("q", "u", None, 70),
    }
    now = datetime.now(UTC)
    names = {
        add_session(database, platform, user, team=team, last_activity_at=now - timedelta(minutes=minutes)): name
        for name, (platform, user, team, minutes) in rows.items()
    }
    document = "query($filter: SessionFilter) { sessions(filter: $filter) { totalCount nodes { id } } }"
    page = api.execute(document, {"filter": session_filter})["sessions"]
    found = [names[node["id"]] for node in page["nodes"]]
    assert sorted(found) == sorted(expected)
    assert found == sorted(found, key=lambda name: rows[name][3]), "most recently active first"
    assert page["totalCount"] == len(expected)


@pytest.mark.parametrize("field", ["platform", "userId"])
@pytest.mark.parametrize("parent", ["", "team"])
def test_text_that_no_session_can_bear_cannot_be_filtered_by(
    api: RunningApi, database: str, field: str, parent: str
) -> None:
    (team,) = populate(database)
    sessions = "sessions(filter: $filter) { totalCount }"
    if parent:
        sessions = f'team(by: {{id: "{team.node_id}"}}) {{ {sessions} }}'
    error = api.error(f"query($filter: SessionFilter) {{ {sessions} }}", {"filter": {field: "a\x00b"}})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert f"`filter.{field}`" in error["message"]


def test_a_teams_sessions_take_the_same_filter(api: RunningApi, database: str) -> None:
    _, two = populate(database, teams=2)
    run_sql(database, "UPDATE chat_sessions SET last_activity_at = '2024-01-01' WHERE user_id = 'user-1'")
    document = """query($other: ID!) { teams(orderBy: {field: PLATFORM_NAME}) { nodes {
        all: sessions { totalCount nodes { userId } }
        active: sessions(filter: {isActive: true}) { totalCount nodes { userId } }
        idle: sessions(filter: {isActive: false, userId: "user-1"}) { totalCount nodes { userId } }
        others: sessions(filter: {teamId: $other}) { totalCount nodes { userId } }
    } } }"""
    shown = api.execute(document, {"other": two.node_id})["teams"]["nodes"]
    for node, others in zip(shown, ([], ["user-0", "user-1"]), strict=True):
        expected = {"all": ["user-0", "user-1"], "active": ["user-0"], "idle": ["user-1"], "others": others}
        for alias, users in expected.items():
            assert node[alias] == {"totalCount": len(users), "nodes": [{"userId": user} for user in users]}
