"""updateTeamOverrides: what a change does, also beside others, and how many statements it takes."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLInputObjectType

from domain.config.settings_table import SETTINGS, Setting
from domain.platform import PlatformType
from schema.build import build_schema
from tests.schema.config.overrides import ALL_OVERRIDES, change, otherwise, overridden
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.documents import Form, create, run, run_with, team_of
from tests.schema.teams.ids import encoded, strange_ids
from tests.schema.teams.names import FIRST_MODEL, SECOND_MODEL, STORED_NAMES
from tests.schema.teams.rows import last_change, trail, unchanged, value

if TYPE_CHECKING:
    from tests.running_api import RunningApi

INPUT = build_schema()._schema.type_map["ConfigOverridesInput"]  # noqa: SLF001 - the framework has no public name for it


def field_type(setting: Setting[Any]) -> str:
    assert isinstance(INPUT, GraphQLInputObjectType)
    return str(INPUT.fields[setting.public_name].type)


each_setting = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.public_name)
each_form = pytest.mark.parametrize("form", Form)


def send(api: RunningApi, team: dict[str, Any], form: Form, setting: Setting[Any], **given: Any) -> dict[str, Any]:
    return run_with(
        api,
        "updateTeamOverrides",
        form,
        fixed={"id": team["id"]},
        within="overrides",
        field=setting.public_name,
        field_type=field_type(setting),
        **given,
    )


def test_null_brings_the_default_back_and_leaves_the_rest(api: RunningApi) -> None:
    models = ["openai/gpt-4", "anthropic/claude-sonnet-4"]
    team = create(api, overrides={"rateLimit": 120, "maxHistory": 50, "availableModels": models})["team"]
    config = change(api, team, rateLimit=None)["team"]["effectiveConfig"]
    assert (config["rateLimit"], config["maxHistory"], config["availableModels"]) == (60, 50, models)
    assert config["resolution"][0]["source"] == "PLATFORM_DEFAULT"
    assert config["model"] == "openai/gpt-4"


@each_setting
@each_form
def test_a_value_overrides_its_setting_and_no_other(
    api: RunningApi, database: str, team: dict[str, Any], setting: Setting[Any], form: Form
) -> None:
    given = otherwise(setting)
    result = send(api, team, form, setting, value=given)
    assert result["team"]["overrides"] == {**ALL_OVERRIDES, setting.public_name: given}
    assert result["team"]["revision"] == 2
    assert team_of(api, team["id"]) == result["team"]
    assert last_change(database, team["id"]) == (2, "tester", "updateTeamOverrides", [setting.name])
    before, after = trail(database, team["id"])
    assert after["snapshot"] == {**before["snapshot"], setting.name: given}


@each_setting
@each_form
def test_null_removes_its_override_and_no_other(
    api: RunningApi, database: str, team: dict[str, Any], setting: Setting[Any], form: Form
) -> None:
    result = send(api, team, form, setting, value=None)
    assert result["team"]["overrides"] == {**ALL_OVERRIDES, setting.public_name: None}
    entry = result["team"]["effectiveConfig"]["resolution"][SETTINGS.index(setting)]
    default = setting.defaults[PlatformType.PRIVATE].value
    assert (entry["value"], entry["source"]) == (
        list(default) if isinstance(default, tuple) else default,
        "PLATFORM_DEFAULT",
    )
    assert value(database, f"SELECT {setting.name} IS NULL FROM teams")  # noqa: S608 - a name of the table
    assert last_change(database, team["id"]) == (2, "tester", "updateTeamOverrides", [setting.name])
    with unchanged(database):
        assert send(api, team, form, setting, value=None) == result


@each_form
def test_an_absent_setting_stays_as_it_is_and_the_same_value_is_no_change(
    api: RunningApi, database: str, team: dict[str, Any], form: Form
) -> None:
    with unchanged(database):
        for setting in SETTINGS:
            for given in ({}, {"value": overridden(setting)}):
                result = send(api, team, form, setting, **given)
                assert result == {"__typename": "UpdateTeamOverridesSuccess", "team": team}, setting


def test_the_three_mix_in_one_variable_of_overrides(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    result = run_with(
        api,
        "updateTeamOverrides",
        Form.VARIABLE,
        fixed={"id": team["id"]},
        field="overrides",
        field_type="ConfigOverridesInput!",
        value={"rateLimit": None, "maxHistory": 7, "allowModelSwitch": False},
    )
    assert result["team"]["overrides"] == {**ALL_OVERRIDES, "rateLimit": None, "maxHistory": 7}
    assert last_change(database, team["id"])[3] == ["rate_limit", "max_history"]


def test_one_name_stands_for_a_list_of_one(api: RunningApi, team: dict[str, Any]) -> None:
    """As GraphQL's input coercion has it."""
    data = api.execute(
        f'mutation {{ updateTeamOverrides(input: {{id: "{team["id"]}",'
        f' overrides: {{availableModels: "{SECOND_MODEL}"}} }})'
        " { ... on UpdateTeamOverridesSuccess { team { overrides { availableModels } } } } }"
    )
    assert data["updateTeamOverrides"]["team"]["overrides"]["availableModels"] == [SECOND_MODEL]


def test_names_of_models_are_stored_trimmed_and_normalised(api: RunningApi) -> None:
    """So a default model is found among the available ones in either spelling."""
    team = create(api)["team"]
    for given, stored in STORED_NAMES:
        config = change(api, team, defaultModel=given, availableModels=["first", stored])["team"]["effectiveConfig"]
        assert (config["model"], config["availableModels"]) == (stored, ["first", stored])


@each_form
def test_the_expected_revision_is_optional(api: RunningApi, team: dict[str, Any], form: Form) -> None:
    parts: list[dict[str, Any]] = [{}, {"value": None}, {"value": 3}]
    for place, part in enumerate(parts):
        fixed = {"id": team["id"], "overrides": {"rateLimit": 10 + place}}
        result = run_with(
            api, "updateTeamOverrides", form, fixed=fixed, field="expectedRevision", field_type="Int", **part
        )
        assert result["team"]["revision"] == place + 2


def test_an_id_that_names_no_team_is_team_not_found(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    assert encoded("Team:1") == team["id"]
    with unchanged(database):
        for node_id in strange_ids("Team"):
            assert change(api, {"id": node_id}, rateLimit=5)["__typename"] == "TeamNotFound", node_id


def test_a_stale_revision_is_a_conflict_that_carries_the_current_team(
    api: RunningApi, database: str, team: dict[str, Any]
) -> None:
    """Also where nothing would change."""
    current = change(api, team, rateLimit=5)["team"]
    parts: list[dict[str, Any]] = [{"rateLimit": 9}, {"rateLimit": 5}, {}]
    with unchanged(database):
        for stale, overrides in product((0, 1, 3, 2**31 - 1), parts):
            refused = run(api, "updateTeamOverrides", id=team["id"], expectedRevision=stale, overrides=overrides)
            assert refused["__typename"] == "RevisionConflict"
            assert (refused["expectedRevision"], refused["currentRevision"]) == (stale, 2)
            assert refused["team"] == current


def test_of_fifty_who_saw_one_revision_one_may_change_it(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    def ask(place: int) -> dict[str, Any]:
        overrides = {"rateLimit": 100 + place}
        return outcome(api, "updateTeamOverrides", id=team["id"], expectedRevision=1, overrides=overrides)

    results = Counter(result["__typename"] for result in at_once(50, ask))
    assert results == {"UpdateTeamOverridesSuccess": 1, "RevisionConflict": 49}
    assert len(trail(database, team["id"])) == 2


def test_contradicting_changes_at_once_never_both_pass(api: RunningApi, database: str) -> None:
    """One narrows the models, the other names a default that the narrow list lacks: each is judged on what it finds."""
    team = create(api)["team"]

    def ask(place: int) -> str:
        overrides = {"availableModels": [FIRST_MODEL]} if place % 2 else {"defaultModel": SECOND_MODEL}
        name: str = outcome(api, "updateTeamOverrides", id=team["id"], overrides=overrides)["__typename"]
        return name

    results = at_once(10, ask)
    assert Counter(results) == {"UpdateTeamOverridesSuccess": 5, "ModelNotAvailable": 5}
    assert len({place % 2 for place, name in enumerate(results) if name == "ModelNotAvailable"}) == 1
    assert len(trail(database, team["id"])) == 2


@pytest.mark.parametrize(
    ("given", "count"),
    [
        # The row and its lock; the change with its trail.
        ({"overrides": {"rateLimit": 5}}, 2),
        ({"overrides": {"rateLimit": 5, "availableModels": ["a"], "defaultModel": None}}, 2),
        ({"overrides": {}}, 1),
        ({"overrides": {"defaultModel": "z"}}, 1),
        # A conflict reads the team again, for its payload.
        ({"overrides": {"rateLimit": 5}, "expectedRevision": 5}, 2),
        ({"overrides": {"rateLimit": 0}}, 0),
        ({"overrides": {}, "id": "nonsense"}, 0),
    ],
)
def test_how_many_statements_a_change_takes(
    api: RunningApi, team: dict[str, Any], given: dict[str, Any], count: int
) -> None:
    with api.counted() as statements:
        run(api, "updateTeamOverrides", **{"id": team["id"], **given})
    assert len(statements) == count, statements
