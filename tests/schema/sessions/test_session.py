"""What a session is found by, and what it shows of itself and of today's configuration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.running_api import running_api
from tests.schema.sessions.reading import add_team, show
from tests.schema.world import LONG_AGO, add_session, node_id, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

PUBLIC_MODEL = "google/gemini-2.0-flash-001"
PRIVATE_MODEL = "openai/gpt-5-chat"


def test_a_session_shows_what_is_stored(api: RunningApi, database: str) -> None:
    (team,) = populate(database, platform_name="p", sessions=0)
    # MD5 of "p:1:u": usage logs have held these digits for years.
    digits = "a1728908fdd40d605c3d2f497868b1c8"
    session = add_session(
        database,
        "p",
        "u",
        team=team.id,
        api_key_id=team.keys[1].id,
        created_at=LONG_AGO,
        last_activity_at=LONG_AGO + timedelta(days=1, microseconds=1),
    )
    shown = show(api, session, "id sessionId platform userId team { id } apiKey { id } createdAt lastActivityAt")
    assert shown == {
        "id": session,
        "sessionId": digits,
        "platform": "p",
        "userId": "u",
        "team": {"id": team.node_id},
        "apiKey": {"id": team.keys[1].node_id},
        "createdAt": "2024-01-01T00:00:00Z",
        "lastActivityAt": "2024-01-02T00:00:00.000001Z",
    }


def test_a_session_is_found_by_all_that_names_it(api: RunningApi, database: str) -> None:
    """The same user on the same platform has a session within each team, and one without a team."""
    one, two = populate(database, teams=2, sessions=0)
    platform = "with:colon"
    sessions = {
        team: add_session(database, platform, "ü \U0001f600", team=row)
        for team, row in ((one.node_id, one.id), (two.node_id, two.id), (None, None))
    }
    assert len(set(sessions.values())) == 3
    by = "query($by: SessionBy!) { session(by: $by) { id sessionId team { id } } }"
    for team, session in sessions.items():
        key = {"platform": platform, "userId": "ü \U0001f600", "teamId": team}
        found = api.execute(by, {"by": {"key": key}})["session"]
        assert found["id"] == session
        assert found["team"] == (team and {"id": team})
        assert api.execute(by, {"by": {"sessionId": found["sessionId"]}})["session"] == found
        assert api.execute(by, {"by": {"id": session}})["session"] == found
    without = {"key": {"platform": platform, "userId": "ü \U0001f600"}}
    assert api.execute(by, {"by": without})["session"]["id"] == sessions[None]


@pytest.mark.parametrize(
    "by",
    [
        {"sessionId": ""},
        {"sessionId": "a\x00b"},
        {"sessionId": "F" * 32},
        {"id": ""},
        {"key": {"platform": "p", "userId": "U"}},
        {"key": {"platform": "P", "userId": "u"}},
        {"key": {"platform": "p ", "userId": "u"}},
        {"key": {"platform": "p", "userId": "u\x00"}},
        {"key": {"platform": "p\x00", "userId": "u"}},
        {"key": {"platform": "p" * 10_000, "userId": "u"}},
        {"key": {"platform": "p", "userId": "u", "teamId": node_id("Team", 99)}},
        {"key": {"platform": "p", "userId": "u", "teamId": node_id("ApiKey", 1)}},
        {"key": {"platform": "p", "userId": "u", "teamId": "nonsense"}},
        {"key": {"platform": "p", "userId": "u", "teamId": ""}},
    ],
)
def test_a_session_is_found_by_nothing_else(api: RunningApi, database: str, by: dict[str, Any]) -> None:
    """Least of all is an id that names no team taken for "no team"."""
    add_session(database, "p", "u")
    found = api.execute("query($by: SessionBy!) { session(by: $by) { id } }", {"by": by})
    assert found == {"session": None}


def test_the_first_of_two_sessions_with_the_same_digits_keeps_them(api: RunningApi, database: str) -> None:
    """`a:b` and `c`, or `a` and `b:c`: names can be made up to share an identifier."""
    first = add_session(database, "a:b", "c")
    add_session(database, "a", "b:c")
    digits = show(api, first, "sessionId")["sessionId"]
    document = "query($digits: String!) { session(by: {sessionId: $digits}) { id } }"
    assert api.execute(document, {"digits": digits})["session"] == {"id": first}


@pytest.mark.parametrize(
    ("chosen", "team", "expected"),
    [
        (None, {}, PRIVATE_MODEL),
        ("openai/gpt-4.1", {}, "openai/gpt-4.1"),
        ("gone", {}, PRIVATE_MODEL),
        ("", {}, PRIVATE_MODEL),
        (None, {"default_model": "openai/gpt-4.1"}, "openai/gpt-4.1"),
        ("b", {"available_models": ["a", "b"]}, "b"),
        ("openai/gpt-4.1", {"available_models": ["a", "b"]}, "a"),
        (None, {"available_models": ["a", "b"], "default_model": "b"}, "b"),
        # Switching forbidden later does not undo a choice.
        ("openai/gpt-4.1", {"allow_model_switch": False}, "openai/gpt-4.1"),
    ],
)
def test_the_current_model_is_the_chosen_one_while_it_is_available(
    api: RunningApi, database: str, chosen: str | None, team: dict[str, Any], expected: str
) -> None:
    session = add_session(database, "p", "u", team=add_team(database, **team), chosen_model=chosen)
    shown = show(api, session, "currentModel effectiveConfig { model availableModels }")
    assert shown["currentModel"] == expected
    assert shown["currentModel"] in shown["effectiveConfig"]["availableModels"]
    if chosen != expected:
        assert shown["currentModel"] == shown["effectiveConfig"]["model"]


def test_a_change_of_the_teams_overrides_shows_at_once(api: RunningApi, database: str) -> None:
    team = add_team(database)
    messages = [{"content": f"{number}"} for number in range(4)]
    session = add_session(database, "p", "u", team=team, chosen_model="openai/gpt-4.1", messages=messages)
    fields = "currentModel effectiveConfig { rateLimit maxHistory model } history { content }"
    assert show(api, session, fields)["effectiveConfig"] == {"rateLimit": 60, "maxHistory": 30, "model": PRIVATE_MODEL}
    api.execute(
        """mutation($input: UpdateTeamOverridesInput!) { updateTeamOverrides(input: $input) { __typename } }""",
        {
            "input": {
                "id": node_id("Team", team),
                "overrides": {"rateLimit": 3, "maxHistory": 2, "availableModels": ["x"], "defaultModel": "x"},
            }
        },
    )
    assert show(api, session, fields) == {
        "currentModel": "x",
        "effectiveConfig": {"rateLimit": 3, "maxHistory": 2, "model": "x"},
        "history": [{"content": "2"}, {"content": "3"}],
    }


@pytest.mark.parametrize(
    ("platform", "platform_type", "model"),
    [("telegram", "PUBLIC", PUBLIC_MODEL), ("TeleGram", "PUBLIC", PUBLIC_MODEL), ("other", "PRIVATE", PRIVATE_MODEL)],
)
def test_a_session_without_a_team_has_the_defaults_of_its_platforms_name(
    api: RunningApi, database: str, platform: str, platform_type: str, model: str
) -> None:
    """Also where a team bears that name: the session is not the team's."""
    opposite = "private" if platform_type == "PUBLIC" else "public"
    add_team(database, platform_name=platform, platform_type=opposite, rate_limit=5)
    session = add_session(database, platform, "u")
    shown = show(api, session, "team { id } currentModel effectiveConfig { platformType rateLimit }")
    assert shown == {
        "team": None,
        "currentModel": model,
        "effectiveConfig": {"platformType": platform_type, "rateLimit": 20 if platform_type == "PUBLIC" else 60},
    }


def test_a_teams_platform_type_counts_and_not_its_sessions_platform(api: RunningApi, database: str) -> None:
    session = add_session(database, "telegram", "u", team=add_team(database))
    assert show(api, session, "effectiveConfig { platformType }") == {"effectiveConfig": {"platformType": "PRIVATE"}}


def test_administrators_are_those_of_the_settings(database: str) -> None:
    users = [
        ("telegram", "42", True),
        ("Telegram", "42", True),
        ("telegram", "43", False),
        ("telegram", "4", False),
        ("internal", "42", False),
        ("internal", "boss", True),
        ("telegram", "boss", False),
        ("telegram2", "42", False),
    ]
    for platform, user, _ in users:
        add_session(database, platform, user)
    with running_api(database, telegram_admin_users=("42", "7"), internal_admin_users=("boss",)) as api:
        shown = api.execute("{ sessions { nodes { platform userId isAdmin } } }")["sessions"]["nodes"]
    assert sorted((row["platform"], row["userId"], row["isAdmin"]) for row in shown) == sorted(users)


def test_without_settings_nobody_is_an_administrator(api: RunningApi, database: str) -> None:
    session = add_session(database, "telegram", "42")
    assert show(api, session, "isAdmin") == {"isAdmin": False}


@pytest.mark.parametrize(("minutes", "expected"), [(29, True), (31, False), (-1, True), (1_000_000, False)])
def test_a_session_is_active_until_the_time_out(
    api: RunningApi, database: str, minutes: int, *, expected: bool
) -> None:
    session = add_session(database, "p", "u", last_activity_at=datetime.now(UTC) - timedelta(minutes=minutes))
    assert show(api, session, "isActive") == {"isActive": expected}
    document = "query($active: Boolean) { sessions(filter: {isActive: $active}) { totalCount nodes { id isActive } } }"
    for wanted in (True, False):
        page = api.execute(document, {"active": wanted})["sessions"]
        assert page["nodes"] == ([{"id": session, "isActive": wanted}] if wanted is expected else [])
        assert page["totalCount"] == len(page["nodes"])


def test_the_time_out_is_a_setting(database: str) -> None:
    for minutes in (1, 4, 6):
        add_session(database, "p", f"{minutes}", last_activity_at=datetime.now(UTC) - timedelta(minutes=minutes))
    with running_api(database, session_timeout_minutes=5) as api:
        shown = api.execute("{ sessions { nodes { userId isActive } } }")["sessions"]["nodes"]
    assert [(row["userId"], row["isActive"]) for row in shown] == [("1", True), ("4", True), ("6", False)]
