"""updateTeam: what a change does, also beside others, and how many statements it takes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.documents import Form, Name, problems_of, run, run_with, team_of
from tests.schema.teams.names import STORED_NAMES
from tests.schema.teams.rows import last_change, trail, unchanged

if TYPE_CHECKING:
    from tests.running_api import RunningApi

NULLABLE = {"monthlyQuota", "dailyQuota"}
# Field, its type, a value that differs from the one of the fixture `team`, and what is stored of it.
FIELDS = [
    ("displayName", "String", " Other ", "Other"),
    ("platformType", "PlatformType", Name("PUBLIC"), "PUBLIC"),
    ("monthlyQuota", "Int", 0, 0),
    ("dailyQuota", "Int", 2**31 - 1, 2**31 - 1),
    ("isActive", "Boolean", False, False),
]
COLUMNS = {
    "displayName": "display_name",
    "platformType": "platform_type",
    "monthlyQuota": "monthly_quota",
    "dailyQuota": "daily_quota",
    "isActive": "is_active",
}


def without_clock(team: dict[str, Any] | None) -> dict[str, Any]:
    assert team is not None
    return {name: value for name, value in team.items() if name not in ("updatedAt", "effectiveConfig")}


def test_every_field_that_can_be_changed_is_tried_here(api: RunningApi) -> None:
    fields = api.execute('{ __type(name: "UpdateTeamInput") { inputFields { name } } }')["__type"]["inputFields"]
    assert {field["name"] for field in fields} == {"id", "expectedRevision"} | {name for name, *_ in FIELDS}


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(("field", "field_type", "given", "stored"), FIELDS)
def test_a_value_changes_its_field_and_no_other(
    api: RunningApi,
    database: str,
    team: dict[str, Any],
    form: Form,
    field: str,
    field_type: str,
    given: object,
    stored: object,
) -> None:
    result = run_with(
        api, "updateTeam", form, fixed={"id": team["id"]}, field=field, field_type=field_type, value=given
    )
    assert without_clock(result["team"]) == without_clock({**team, field: stored, "revision": 2})
    assert result["team"]["updatedAt"] > team["updatedAt"]
    assert team_of(api, team["id"]) == result["team"]
    assert last_change(database, team["id"]) == (2, "tester", "updateTeam", [COLUMNS[field]])


@pytest.mark.parametrize("form", Form)
def test_an_absent_field_stays_as_it_is(api: RunningApi, database: str, team: dict[str, Any], form: Form) -> None:
    with unchanged(database):
        for field, field_type, *_ in FIELDS:
            result = run_with(api, "updateTeam", form, fixed={"id": team["id"]}, field=field, field_type=field_type)
            assert result == {"__typename": "UpdateTeamSuccess", "team": team}, field


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(("field", "field_type"), [(name, kind) for name, kind, *_ in FIELDS if name in NULLABLE])
def test_null_clears_a_quota(
    api: RunningApi, database: str, team: dict[str, Any], form: Form, field: str, field_type: str
) -> None:
    fixed = {"id": team["id"]}
    result = run_with(api, "updateTeam", form, fixed=fixed, field=field, field_type=field_type, value=None)
    assert without_clock(result["team"]) == without_clock({**team, field: None, "revision": 2})
    assert last_change(database, team["id"]) == (2, "tester", "updateTeam", [COLUMNS[field]])
    with unchanged(database):
        again = run_with(api, "updateTeam", form, fixed=fixed, field=field, field_type=field_type, value=None)
    assert again["team"] == result["team"]


@pytest.mark.parametrize("form", Form)
def test_null_where_a_value_is_needed_is_refused(
    api: RunningApi, database: str, team: dict[str, Any], form: Form
) -> None:
    with unchanged(database):
        for field, field_type, *_ in FIELDS:
            if field not in NULLABLE:
                fixed = {"id": team["id"]}
                result = run_with(api, "updateTeam", form, fixed=fixed, field=field, field_type=field_type, value=None)
                assert problems_of(result) == [(field, "REQUIRED")]


@pytest.mark.parametrize("form", Form)
def test_the_expected_revision_is_optional(api: RunningApi, team: dict[str, Any], form: Form) -> None:
    parts: list[dict[str, Any]] = [{}, {"value": None}, {"value": 3}]
    for place, part in enumerate(parts):
        fixed = {"id": team["id"], "dailyQuota": place}
        result = run_with(api, "updateTeam", form, fixed=fixed, field="expectedRevision", field_type="Int", **part)
        assert result["team"]["revision"] == place + 2


def test_a_new_name_is_stored_trimmed_and_normalised(api: RunningApi, team: dict[str, Any]) -> None:
    for given, stored in STORED_NAMES:
        assert run(api, "updateTeam", id=team["id"], displayName=given)["team"]["displayName"] == stored


def test_a_change_to_what_is_there_already_is_none(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    """Neither revision nor updatedAt nor trail."""
    same: dict[str, Any] = {
        "displayName": " Team acme ",
        "platformType": "PRIVATE",
        "monthlyQuota": 100,
        "dailyQuota": 10,
        "isActive": True,
    }
    with unchanged(database):
        for part in ({}, same, *({name: value} for name, value in same.items())):
            result = run(api, "updateTeam", id=team["id"], expectedRevision=1, **part)
            assert result == {"__typename": "UpdateTeamSuccess", "team": team}, part


def test_the_trail_names_only_what_differed(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    run(api, "updateTeam", id=team["id"], monthlyQuota=100, dailyQuota=None, isActive=False)
    before, after = trail(database, team["id"])
    assert set(after["changed_fields"]) == {"daily_quota", "is_active"}
    assert after["snapshot"] == {**before["snapshot"], "daily_quota": None, "is_active": False}


def test_a_new_platform_type_brings_its_defaults(api: RunningApi, team: dict[str, Any]) -> None:
    config = run(api, "updateTeam", id=team["id"], platformType="PUBLIC")["team"]["effectiveConfig"]
    assert (
        config
        == api.execute(
            "{ platformDefaults(platformType: PUBLIC) { platformType model availableModels rateLimit maxHistory"
            " allowModelSwitch requiresAuth commands resolution { setting value source isRedundant"
            " layers { source isSet value } } violations { code setting message } } }"
        )["platformDefaults"]
    )
    assert (config["rateLimit"], config["maxHistory"], config["requiresAuth"]) == (20, 10, False)


def test_of_fifty_who_saw_one_revision_one_may_change_it(api: RunningApi, team: dict[str, Any]) -> None:
    results = at_once(
        50, lambda place: outcome(api, "updateTeam", id=team["id"], expectedRevision=1, dailyQuota=1000 + place)
    )
    assert Counter(result["__typename"] for result in results) == {"UpdateTeamSuccess": 1, "RevisionConflict": 49}


@pytest.mark.parametrize(
    ("change", "count"),
    [
        # The row and its lock; the change with its trail.
        ({"dailyQuota": 11}, 2),
        ({"dailyQuota": 11, "monthlyQuota": None, "displayName": "Other", "platformType": "PUBLIC"}, 2),
        ({"dailyQuota": 10}, 1),
        # A conflict reads the team again, for its payload.
        ({"dailyQuota": 11, "expectedRevision": 5}, 2),
        ({"id": "nonsense"}, 0),
        ({"dailyQuota": -1}, 0),
    ],
)
def test_how_many_statements_a_change_takes(
    api: RunningApi, team: dict[str, Any], change: dict[str, Any], count: int
) -> None:
    with api.counted() as statements:
        run(api, "updateTeam", **{"id": team["id"], **change})
    assert len(statements) == count, statements
