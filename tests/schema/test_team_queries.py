"""Finding teams: one by exactly what names it, many by filters that mean what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.schema.world import LONG_AGO, add_teams

if TYPE_CHECKING:
    from tests.running_api import RunningApi

TEAMS: list[dict[str, Any]] = [
    {"platform_name": "telegram", "display_name": "The Bot", "platform_type": "public"},
    {"platform_name": "acme-bot", "display_name": "ACME", "platform_type": "private", "rate_limit": 5},
    {"platform_name": "50%_off", "display_name": "Sales/Half\\Price", "is_active": False},
    {
        "platform_name": "Größe",
        "display_name": "Ünïcode Σ",
        "platform_type": "public",
        "is_active": False,
        "rate_limit": 5,
        "allow_model_switch": False,
    },
    {
        "platform_name": "everything",
        "display_name": "Overrides everything",
        "rate_limit": 1,
        "max_history": 2,
        "default_model": "a",
        "available_models": ["a", "b"],
        "allow_model_switch": True,
    },
]
NAMES = sorted(team["platform_name"] for team in TEAMS)


@pytest.fixture(scope="module")
def teams(module_database: str) -> list[str]:
    """The global ids of the teams above."""
    return add_teams(module_database, *TEAMS)


def search(api: RunningApi, **team_filter: Any) -> list[str]:
    """Give the platform names of the teams that pass a filter, having compared them with their count."""
    page = api.execute(
        "query($filter: TeamFilter) { teams(filter: $filter) { totalCount nodes { platformName } } }",
        {"filter": team_filter},
    )["teams"]
    assert page["totalCount"] == len(page["nodes"])
    return sorted(node["platformName"] for node in page["nodes"])


def test_every_field_of_a_team_is_what_is_stored(api: RunningApi, database: str) -> None:
    (team,) = add_teams(
        database,
        {
            "platform_name": "p",
            "display_name": "d",
            "platform_type": "public",
            "monthly_quota": 100,
            "daily_quota": 0,
            "is_active": False,
            "created_at": LONG_AGO,
            "updated_at": LONG_AGO.replace(microsecond=250_000),
            "revision": 7,
            "rate_limit": 9,
            "available_models": ["x", "y"],
            "allow_model_switch": False,
        },
    )
    fields = """id platformName displayName platformType monthlyQuota dailyQuota isActive createdAt updatedAt revision
        overrides { rateLimit maxHistory defaultModel availableModels allowModelSwitch }"""
    shown = api.execute(f"query($id: ID!) {{ team(by: {{id: $id}}) {{ {fields} }} }}", {"id": team})["team"]
    assert shown == {
        "id": team,
        "platformName": "p",
        "displayName": "d",
        "platformType": "PUBLIC",
        "monthlyQuota": 100,
        "dailyQuota": 0,
        "isActive": False,
        "createdAt": "2024-01-01T00:00:00Z",
        "updatedAt": "2024-01-01T00:00:00.250000Z",
        "revision": 7,
        "overrides": {
            "rateLimit": 9,
            "maxHistory": None,
            "defaultModel": None,
            "availableModels": ["x", "y"],
            "allowModelSwitch": False,
        },
    }


@pytest.mark.parametrize(("team", "team_id"), [(team, place) for place, team in enumerate(TEAMS)])
def test_a_team_is_found_by_each_of_its_names(
    module_api: RunningApi, teams: list[str], team: dict[str, Any], team_id: int
) -> None:
    found = module_api.execute(
        """query($platform: String!, $display: String!, $by: TeamBy!) {
            a: team(by: {platformName: $platform}) { id }
            b: team(by: {displayName: $display}) { id }
            c: team(by: $by) { id }
        }""",
        {"platform": team["platform_name"], "display": team["display_name"], "by": {"id": teams[team_id]}},
    )
    assert found == {alias: {"id": teams[team_id]} for alias in "abc"}


@pytest.mark.parametrize("key", ["id", "platformName", "displayName"])
@pytest.mark.parametrize(
    "value", ["", "nobody", "TELEGRAM", "the bot", "telegram ", "a\x00b", "x" * 10_000, "50%_of_", "%", "\U0001f600"]
)
@pytest.mark.usefixtures("teams")
def test_a_team_is_found_by_exactly_its_name_only(module_api: RunningApi, key: str, value: str) -> None:
    assert module_api.execute("query($by: TeamBy!) { team(by: $by) { id } }", {"by": {key: value}}) == {"team": None}


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{ team(by: {}) { id } }", {}),
        ('{ team(by: {platformName: "a", displayName: "b"}) { id } }', {}),
        ("{ team(by: {platformName: null}) { id } }", {}),
        ('{ team(by: {platformName: "a", displayName: null}) { id } }', {}),
        ("{ team(by: null) { id } }", {}),
        ("{ team { id } }", {}),
        ("query($by: TeamBy!) { team(by: $by) { id } }", {}),
        ("query($by: TeamBy!) { team(by: $by) { id } }", {"by": None}),
        ("query($by: TeamBy!) { team(by: $by) { id } }", {"by": {}}),
        ("query($by: TeamBy!) { team(by: $by) { id } }", {"by": {"platformName": None}}),
        ("query($by: TeamBy!) { team(by: $by) { id } }", {"by": {"platformName": "a", "displayName": "b"}}),
        ("query($by: TeamBy!) { team(by: $by) { id } }", {"by": {"platformName": "a", "displayName": None}}),
        ("query($by: TeamBy!) { team(by: $by) { id } }", {"by": {"name": "a"}}),
        ("query($by: TeamBy!) { team(by: $by) { id } }", {"by": {"platformName": 7}}),
        ("query($name: String) { team(by: {platformName: $name}) { id } }", {"name": None}),
        ("query($name: String) { team(by: {platformName: $name}) { id } }", {}),
        ('query($a: String!) { team(by: {platformName: $a, displayName: "b"}) { id } }', {"a": ""}),
        ("query($by: SessionBy!) { session(by: $by) { id } }", {"by": {}}),
        ("query($by: SessionBy!) { session(by: $by) { id } }", {"by": {"id": "a", "sessionId": "b"}}),
        ("query($by: SessionBy!) { session(by: $by) { id } }", {"by": {"key": None}}),
        ("{ session(by: {key: null}) { id } }", {}),
    ],
)  # fmt: skip
def test_one_key_is_given_and_it_is_not_null(module_api: RunningApi, document: str, variables: dict[str, Any]) -> None:
    body = module_api.post(document, variables).json()
    # What a variable holds is judged after the document.
    expected = "BAD_USER_INPUT" if "$by" in document else "GRAPHQL_VALIDATION_FAILED"
    assert {error["extensions"]["code"] for error in body["errors"]} == {expected}


@pytest.mark.parametrize(
    ("team_filter", "expected"),
    [
        ({}, NAMES),
        ({"platformType": None, "isActive": None, "search": None, "overrides": None}, NAMES),
        ({"platformType": "PUBLIC"}, ["Größe", "telegram"]),
        ({"platformType": "PRIVATE"}, ["50%_off", "acme-bot", "everything"]),
        ({"isActive": True}, ["acme-bot", "everything", "telegram"]),
        ({"isActive": False}, ["50%_off", "Größe"]),
        ({"overrides": []}, NAMES),
        ({"overrides": ["RATE_LIMIT"]}, ["Größe", "acme-bot", "everything"]),
        ({"overrides": ["RATE_LIMIT", "RATE_LIMIT"]}, ["Größe", "acme-bot", "everything"]),
        ({"overrides": ["ALLOW_MODEL_SWITCH", "RATE_LIMIT"]}, ["Größe", "everything"]),
        ({"overrides": ["RATE_LIMIT", "ALLOW_MODEL_SWITCH"]}, ["Größe", "everything"]),
        ({"overrides": ["MAX_HISTORY"]}, ["everything"]),
        ({"overrides": ["DEFAULT_MODEL"]}, ["everything"]),
        ({"overrides": ["AVAILABLE_MODELS"]}, ["everything"]),
        ({"platformType": "PUBLIC", "isActive": False, "overrides": ["RATE_LIMIT"], "search": "ünï"}, ["Größe"]),
        ({"platformType": "PUBLIC", "overrides": ["MAX_HISTORY"]}, []),
        ({"isActive": True, "search": "50"}, []),
    ],
)
@pytest.mark.usefixtures("teams")
def test_a_filter_restricts_by_all_that_it_names(
    module_api: RunningApi, team_filter: dict[str, Any], expected: list[str]
) -> None:
    assert search(module_api, **team_filter) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", NAMES),
        ("acme", ["acme-bot"]),
        ("ACME-BOT", ["acme-bot"]),
        ("bot", ["acme-bot", "telegram"]),
        ("E", ["Größe", "acme-bot", "everything", "telegram", "50%_off"]),
        ("ünïCODE", ["Größe"]),
        ("GRÖ", ["Größe"]),
        ("%", ["50%_off"]),
        ("_", ["50%_off"]),
        ("0%_o", ["50%_off"]),
        ("5_%", []),
        ("/", ["50%_off"]),
        ("\\", ["50%_off"]),
        ("half\\price", ["50%_off"]),
        ("' OR true --", []),
        (" ", ["Größe", "everything", "telegram"]),
        ("x" * 1_020, []),
    ],
)
@pytest.mark.usefixtures("teams")
def test_the_search_takes_text_literally_in_any_case(module_api: RunningApi, text: str, expected: list[str]) -> None:
    assert search(module_api, search=text) == sorted(expected)


def test_text_that_no_name_can_hold_cannot_be_searched_for(module_api: RunningApi) -> None:
    error = module_api.error(
        "query($text: String) { teams(filter: {search: $text}) { nodes { id } } }", {"text": "a\x00b"}
    )
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "`filter.search`" in error["message"]
