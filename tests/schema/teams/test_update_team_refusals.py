"""updateTeam: what it refuses, what it does not, and how broken values are mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.schema.teams.documents import create, document, problems_of, run, team_of
from tests.schema.teams.ids import encoded, strange_ids
from tests.schema.teams.names import PRIVATE_MODELS, REFUSED_NAMES
from tests.schema.teams.rows import insert_past_constraints, unchanged, value

if TYPE_CHECKING:
    from tests.running_api import RunningApi


def test_input_beyond_its_bounds_is_refused_with_every_problem(
    api: RunningApi, database: str, team: dict[str, Any]
) -> None:
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        *(({"displayName": name}, [("displayName", code)]) for name, code in REFUSED_NAMES),
        ({"monthlyQuota": -1}, [("monthlyQuota", "TOO_SMALL")]),
        ({"dailyQuota": -(2**31)}, [("dailyQuota", "TOO_SMALL")]),
        (
            {"displayName": " ", "isActive": None, "monthlyQuota": -5, "dailyQuota": 3},
            [("isActive", "REQUIRED"), ("displayName", "TOO_SHORT"), ("monthlyQuota", "TOO_SMALL")],
        ),
    ]
    with unchanged(database):
        for change, problems in cases:
            assert problems_of(run(api, "updateTeam", id=team["id"], **change)) == problems, change


def test_what_is_no_int_is_the_callers_mistake(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    with unchanged(database):
        for field in ("monthlyQuota", "dailyQuota", "expectedRevision"):
            for given in (2**31, -(2**31) - 1, 1.5, "5", True, [1]):
                error = api.error(document("updateTeam"), {"input": {"id": team["id"], field: given}})
                assert error["extensions"]["code"] == "BAD_USER_INPUT", (field, given)


def test_the_platform_name_is_fixed(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    with unchanged(database):
        error = api.error(
            f'mutation {{ updateTeam(input: {{id: "{team["id"]}", platformName: "x"}}) {{ __typename }} }}'
        )
        assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_an_id_that_names_no_team_is_team_not_found(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    assert encoded("Team:1") == team["id"]
    with unchanged(database):
        for node_id in strange_ids("Team"):
            assert run(api, "updateTeam", id=node_id, displayName="Other")["__typename"] == "TeamNotFound", node_id


def test_a_key_is_no_team(api: RunningApi, database: str) -> None:
    key = create(api)["issuedApiKey"]["apiKey"]
    with unchanged(database):
        assert run(api, "updateTeam", id=key["id"], displayName="Other")["__typename"] == "TeamNotFound"


@pytest.mark.parametrize("taken", ["Team other", "  Team other "])
def test_another_teams_display_name_is_refused(
    api: RunningApi, database: str, team: dict[str, Any], taken: str
) -> None:
    create(api, "other")
    with unchanged(database):
        refused = run(api, "updateTeam", id=team["id"], displayName=taken, dailyQuota=1)
    assert (refused["__typename"], refused["displayName"]) == ("DisplayNameTaken", "Team other")


def test_a_stale_revision_is_a_conflict_that_carries_the_current_team(
    api: RunningApi, database: str, team: dict[str, Any]
) -> None:
    current = run(api, "updateTeam", id=team["id"], dailyQuota=11, expectedRevision=1)["team"]
    with unchanged(database):
        for stale in (0, 1, 3, -(2**31), 2**31 - 1):
            refused = run(api, "updateTeam", id=team["id"], dailyQuota=12, expectedRevision=stale)
            assert refused["__typename"] == "RevisionConflict"
            assert (refused["expectedRevision"], refused["currentRevision"]) == (stale, 2)
            assert refused["team"] == current


def test_a_stale_revision_is_a_conflict_also_where_nothing_would_change(
    api: RunningApi, database: str, team: dict[str, Any]
) -> None:
    with unchanged(database):
        refused = run(api, "updateTeam", id=team["id"], dailyQuota=10, expectedRevision=2)
        assert refused["__typename"] == "RevisionConflict"


def test_a_platform_type_that_does_not_offer_the_default_model_is_refused(api: RunningApi, database: str) -> None:
    team = create(api, overrides={"defaultModel": "x-ai/grok-4"})["team"]
    with unchanged(database):
        refused = run(api, "updateTeam", id=team["id"], platformType="PUBLIC", displayName="Other")
    assert (refused["__typename"], refused["model"]) == ("ModelNotAvailable", "x-ai/grok-4")
    assert "x-ai/grok-4" in PRIVATE_MODELS
    assert refused["availableModels"] == [
        "google/gemini-2.0-flash-001",
        "google/gemini-2.5-flash",
        "deepseek/deepseek-chat-v3-0324",
        "openai/gpt-4o-mini",
    ]


@pytest.mark.parametrize("overrides", [{"defaultModel": "a", "availableModels": ["a"]}, {"availableModels": ["a"]}])
def test_a_platform_type_may_change_where_the_overrides_stand_by_themselves(
    api: RunningApi, overrides: dict[str, Any]
) -> None:
    team = create(api, overrides=overrides)["team"]
    for platform_type in ("PUBLIC", "PRIVATE"):
        config = run(api, "updateTeam", id=team["id"], platformType=platform_type)["team"]["effectiveConfig"]
        assert (config["platformType"], config["model"], config["violations"]) == (platform_type, "a", [])


@pytest.mark.parametrize(
    ("columns", "change", "problems"),
    [
        ({"rate_limit": "0"}, {"displayName": "New"}, [("id", "NOT_ALLOWED")]),
        ({"rate_limit": "0"}, {"platformType": "PUBLIC"}, [("platformType", "NOT_ALLOWED")]),
        ({"available_models": "'{}'"}, {"dailyQuota": 5}, [("id", "NOT_ALLOWED")]),
    ],
)
def test_a_row_that_is_broken_elsewhere_is_refused_with_what_to_do(
    api: RunningApi, database: str, columns: dict[str, str], change: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    team_id = encoded(f"Team:{insert_past_constraints(database, **columns)}")
    with unchanged(database):
        assert problems_of(run(api, "updateTeam", id=team_id, **change)) == problems


def test_a_broken_quota_stands_in_the_way_of_nothing_else(api: RunningApi, database: str) -> None:
    """The earlier service may have written it, and goes on changing the row."""
    team_id = encoded(f"Team:{insert_past_constraints(database, monthly_quota='-1', daily_quota='-5')}")
    team = run(api, "updateTeam", id=team_id, displayName="New", dailyQuota=3)["team"]
    assert (team["displayName"], team["monthlyQuota"], team["dailyQuota"]) == ("New", -1, 3)


@pytest.mark.parametrize("given", [None, 0, 5])
def test_a_broken_quota_is_repaired(api: RunningApi, database: str, given: int | None) -> None:
    team_id = encoded(f"Team:{insert_past_constraints(database, monthly_quota='-1')}")
    assert team_of(api, team_id)["monthlyQuota"] == -1  # type: ignore[index]
    assert run(api, "updateTeam", id=team_id, monthlyQuota=given)["team"]["monthlyQuota"] == given


@pytest.mark.parametrize("change", [{}, {"displayName": "New"}])
@pytest.mark.parametrize("platform_type", ["PRIVATE", "PUBLIC"])
def test_a_platform_type_that_is_none_is_repaired(
    api: RunningApi, database: str, platform_type: str, change: dict[str, Any]
) -> None:
    """It reads as PRIVATE; setting PRIVATE has to write it all the same, or the team can never be changed again."""
    team_id = encoded(f"Team:{insert_past_constraints(database, platform_type=repr('Telegram'))}")
    assert team_of(api, team_id)["platformType"] == "PRIVATE"  # type: ignore[index]
    result = run(api, "updateTeam", id=team_id, platformType=platform_type, **change)
    assert result["__typename"] == "UpdateTeamSuccess", result
    assert value(database, "SELECT platform_type FROM teams") == platform_type.lower()
