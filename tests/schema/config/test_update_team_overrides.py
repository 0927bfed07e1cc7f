"""updateTeamOverrides."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLInputObjectType

from domain.config.setting_types import BooleanType, IntegerType, NameListType, NameType
from domain.config.settings_table import SETTINGS, Setting
from domain.platform import PlatformType
from schema.build import build_schema
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.documents import Form, create, document, problems_of, run, run_with, team_of
from tests.schema.teams.ids import encoded, strange_ids
from tests.schema.teams.names import PRIVATE_MODELS, REFUSED_NAMES, STORED_NAMES
from tests.schema.teams.rows import insert_past_constraints, last_change, trail, unchanged, value

if TYPE_CHECKING:
    from tests.running_api import RunningApi

FIRST, SECOND = PRIVATE_MODELS[:2]
INPUT = build_schema()._schema.type_map["ConfigOverridesInput"]  # noqa: SLF001 - the framework has no public name for it
MODELS_OF_100 = [f"model-{number}" for number in range(100)]


def field_type(setting: Setting[Any]) -> str:
    assert isinstance(INPUT, GraphQLInputObjectType)
    return str(INPUT.fields[setting.public_name].type)


def overridden(setting: Setting[Any]) -> Any:
    """Give a value that differs from the private default and can stand beside those of the other settings."""
    match setting.type:
        case IntegerType(minimum=minimum):
            return minimum
        case BooleanType():
            return False
        case NameType():
            return SECOND
        case NameListType():
            return [FIRST, SECOND]
    pytest.fail(f"give a value of the new type of {setting.name}")


def otherwise(setting: Setting[Any]) -> Any:
    """Give another such value."""
    match setting.type:
        case IntegerType(maximum=maximum):
            return maximum
        case BooleanType():
            return True
        case NameType():
            return FIRST
        case NameListType():
            return ["z", SECOND, FIRST]
    pytest.fail(f"give a value of the new type of {setting.name}")


ALL_OVERRIDES = {setting.public_name: overridden(setting) for setting in SETTINGS}
each_setting = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.public_name)
each_form = pytest.mark.parametrize("form", Form)


@pytest.fixture
def team(api: RunningApi) -> dict[str, Any]:
    """A team that overrides everything."""
    team: dict[str, Any] = create(api, overrides=ALL_OVERRIDES)["team"]
    return team


def change(api: RunningApi, team: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    return run(api, "updateTeamOverrides", id=team["id"], overrides=overrides)


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
        f'mutation {{ updateTeamOverrides(input: {{id: "{team["id"]}", overrides: {{availableModels: "{SECOND}"}}}})'
        " { ... on UpdateTeamOverridesSuccess { team { overrides { availableModels } } } } }"
    )
    assert data["updateTeamOverrides"]["team"]["overrides"]["availableModels"] == [SECOND]


@each_form
def test_the_expected_revision_is_optional(api: RunningApi, team: dict[str, Any], form: Form) -> None:
    parts: list[dict[str, Any]] = [{}, {"value": None}, {"value": 3}]
    for place, part in enumerate(parts):
        fixed = {"id": team["id"], "overrides": {"rateLimit": 10 + place}}
        result = run_with(
            api, "updateTeamOverrides", form, fixed=fixed, field="expectedRevision", field_type="Int", **part
        )
        assert result["team"]["revision"] == place + 2


@pytest.mark.parametrize(
    ("setting", "edges"),
    [
        ("rateLimit", (1, 1000)),
        ("maxHistory", (1, 100)),
        ("allowModelSwitch", (True, False)),
        ("availableModels", (["m"], MODELS_OF_100, ["m" * 255])),
        ("availableModels", (["a", "A", "a b", "ä"],)),
    ],
)
def test_the_bounds_themselves_are_allowed(api: RunningApi, setting: str, edges: tuple[Any, ...]) -> None:
    team = create(api)["team"]
    for edge in edges:
        changed = change(api, team, **{setting: edge})["team"]
        assert changed["overrides"][setting] == edge
        assert changed["effectiveConfig"][setting] == edge
        assert changed["effectiveConfig"]["violations"] == []


def test_names_of_models_are_stored_trimmed_and_normalised(api: RunningApi) -> None:
    """So a default model is found among the available ones in either spelling."""
    team = create(api)["team"]
    for given, stored in STORED_NAMES:
        config = change(api, team, defaultModel=given, availableModels=["first", stored])["team"]["effectiveConfig"]
        assert (config["model"], config["availableModels"]) == (stored, ["first", stored])


def test_values_beyond_their_bounds_are_refused_with_every_problem(
    api: RunningApi, database: str, team: dict[str, Any]
) -> None:
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        *(
            ({name: given}, [(name, code)])
            for name, maximum in (("rateLimit", 1000), ("maxHistory", 100))
            for given, code in (
                (0, "TOO_SMALL"),
                (-(2**31), "TOO_SMALL"),
                (maximum + 1, "TOO_LARGE"),
                (2**31 - 1, "TOO_LARGE"),
            )
        ),
        *(({"defaultModel": name}, [("defaultModel", code)]) for name, code in REFUSED_NAMES),
        *(({"availableModels": ["a", name]}, [("availableModels.1", code)]) for name, code in REFUSED_NAMES),
        ({"availableModels": []}, [("availableModels", "TOO_SHORT")]),
        ({"availableModels": [*MODELS_OF_100, "z"]}, [("availableModels", "TOO_LONG")]),
        ({"availableModels": ["a", "b", "a"]}, [("availableModels.2", "DUPLICATE")]),
        ({"availableModels": ["caf\u00e9", " cafe\u0301 "]}, [("availableModels.1", "DUPLICATE")]),
        (
            {"rateLimit": 0, "maxHistory": 101, "defaultModel": "", "availableModels": ["a", "\x00", "a"]},
            [
                ("rateLimit", "TOO_SMALL"),
                ("maxHistory", "TOO_LARGE"),
                ("defaultModel", "TOO_SHORT"),
                ("availableModels.1", "MALFORMED"),
                ("availableModels.2", "DUPLICATE"),
            ],
        ),
    ]
    with unchanged(database):
        for overrides, problems in cases:
            found = problems_of(change(api, team, **overrides))
            assert found == [(f"overrides.{path}", code) for path, code in problems], overrides


def test_values_of_a_wrong_type_are_the_callers_mistake(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    wrong: list[dict[str, Any]] = [
        {"rateLimit": "5"},
        {"rateLimit": 1.5},
        {"rateLimit": True},
        {"maxHistory": 2**31},
        {"defaultModel": 5},
        {"defaultModel": ["a"]},
        {"availableModels": ["a", None]},
        {"availableModels": {"a": 1}},
        {"availableModels": [["a"]]},
        {"allowModelSwitch": "true"},
        {"allowModelSwitch": 1},
        {"unheardOf": 1},
    ]
    with unchanged(database):
        for overrides in wrong:
            error = api.error(document("updateTeamOverrides"), {"input": {"id": team["id"], "overrides": overrides}})
            assert error["extensions"]["code"] == "BAD_USER_INPUT", overrides


@pytest.mark.parametrize(
    ("stored", "overrides", "model", "available"),
    [
        # The model leaves the models; the models leave the model; both at once; the defaults' models come back.
        ({}, {"defaultModel": "z"}, "z", PRIVATE_MODELS),
        ({"availableModels": [FIRST]}, {"defaultModel": SECOND}, SECOND, [FIRST]),
        ({"defaultModel": SECOND}, {"availableModels": [FIRST]}, SECOND, [FIRST]),
        ({}, {"defaultModel": "z", "availableModels": ["a", "b"]}, "z", ["a", "b"]),
        ({"defaultModel": "z", "availableModels": ["z"]}, {"availableModels": None}, "z", PRIVATE_MODELS),
        ({"availableModels": ["a"]}, {"defaultModel": "A"}, "A", ["a"]),
    ],
)
def test_the_default_model_has_to_be_among_the_models_that_result(
    api: RunningApi,
    database: str,
    stored: dict[str, Any],
    overrides: dict[str, Any],
    model: str,
    available: list[str],
) -> None:
    team = create(api, overrides=stored)["team"]
    with unchanged(database):
        refused = change(api, team, **overrides, rateLimit=9)
    assert refused["__typename"] == "ModelNotAvailable"
    assert (refused["model"], refused["availableModels"]) == (model, available)


def test_what_contradicts_alone_is_accepted_together(api: RunningApi) -> None:
    team = create(api, overrides={"defaultModel": "z", "availableModels": ["z"]})["team"]
    config = change(api, team, availableModels=["a", "b"], defaultModel="b")["team"]["effectiveConfig"]
    assert (config["model"], config["violations"]) == ("b", [])
    config = change(api, team, availableModels=None, defaultModel=None)["team"]["effectiveConfig"]
    assert (config["model"], config["violations"]) == (FIRST, [])


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


BROKEN = [
    ("rate_limit", "0", "rateLimit"),
    ("max_history", "101", "maxHistory"),
    ("default_model", "''", "defaultModel"),
    ("available_models", "'[]'", "availableModels"),
    ("available_models", "'{}'", "availableModels"),
    ("available_models", "'\"text\"'", "availableModels"),
    ("available_models", """'["a", "a"]'""", "availableModels"),
]


@pytest.mark.parametrize(("column", "stored", "setting"), BROKEN)
def test_a_broken_value_that_a_change_would_leave_is_named(
    api: RunningApi, database: str, column: str, stored: str, setting: str
) -> None:
    team = {"id": encoded(f"Team:{insert_past_constraints(database, **{column: stored})}")}
    with unchanged(database):
        assert problems_of(change(api, team, allowModelSwitch=False)) == [(f"overrides.{setting}", "NOT_ALLOWED")]


@pytest.mark.parametrize(("column", "stored", "setting"), [*BROKEN, ("available_models", "'null'", "availableModels")])
def test_null_repairs_a_broken_value(api: RunningApi, database: str, column: str, stored: str, setting: str) -> None:
    """Also JSON's own null, which reads as not overridden and yet keeps the row from being changed."""
    team = {"id": encoded(f"Team:{insert_past_constraints(database, **{column: stored})}")}
    repaired = change(api, team, **{setting: None})
    assert repaired["__typename"] == "UpdateTeamOverridesSuccess"
    assert value(database, f"SELECT {column} IS NULL FROM teams")  # noqa: S608 - from above
    assert change(api, team, allowModelSwitch=False)["__typename"] == "UpdateTeamOverridesSuccess"


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
        overrides = {"availableModels": [FIRST]} if place % 2 else {"defaultModel": SECOND}
        name: str = outcome(api, "updateTeamOverrides", id=team["id"], overrides=overrides)["__typename"]
        return name

    results = at_once(10, ask)
    assert Counter(results) == {"UpdateTeamOverridesSuccess": 5, "ModelNotAvailable": 5}
    assert len({place % 2 for place, name in enumerate(results) if name == "ModelNotAvailable"}) == 1
    assert len(trail(database, team["id"])) == 2


@pytest.mark.parametrize(
    ("given", "count"),
    [
        # The row and its lock; the change; the trail.
        ({"overrides": {"rateLimit": 5}}, 3),
        ({"overrides": {"rateLimit": 5, "availableModels": ["a"], "defaultModel": None}}, 3),
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
