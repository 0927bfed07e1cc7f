"""Effective configurations of rows that break the rules: they are read, serve what is usable, and say what is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from domain.config.settings_table import SETTINGS
from domain.text import public_name
from tests.schema.config.resolution import entry_of
from tests.schema.teams.documents import TEAM, create, run, team_of
from tests.schema.teams.ids import encoded
from tests.schema.teams.names import PRIVATE_MODELS, SECOND_MODEL
from tests.schema.teams.rows import insert_past_constraints

if TYPE_CHECKING:
    from tests.running_api import RunningApi


def names_of(name: str) -> dict[str, str]:
    return {"display_name": f"'{name}'", "platform_name": f"'{name}'"}


def old_team(api: RunningApi, database: str, **columns: str) -> dict[str, Any]:
    """Write a row past the constraints and read it as a team."""
    team = team_of(api, encoded(f"Team:{insert_past_constraints(database, **columns)}"))
    assert team is not None
    config = team["effectiveConfig"]
    assert config["model"] in config["availableModels"]
    assert [entry["value"] for entry in config["resolution"]] == [
        config[public_name(setting.effective_name)] for setting in SETTINGS
    ]
    return team


@pytest.mark.parametrize(
    ("column", "stored", "code", "layer"),
    [
        ("rate_limit", "0", "VALUE_OUT_OF_RANGE", 0),
        ("rate_limit", "-2147483648", "VALUE_OUT_OF_RANGE", -(2**31)),
        ("rate_limit", "1001", "VALUE_OUT_OF_RANGE", 1001),
        ("max_history", "0", "VALUE_OUT_OF_RANGE", 0),
        ("max_history", "101", "VALUE_OUT_OF_RANGE", 101),
        ("default_model", "''", "VALUE_OUT_OF_RANGE", ""),
        ("default_model", "'z'", "MODEL_NOT_AVAILABLE", "z"),
        ("available_models", "'[]'", "EMPTY_MODEL_LIST", []),
    ],
)
def test_a_stored_value_that_cannot_stand_gives_way_to_the_default_and_says_so(
    api: RunningApi, database: str, column: str, stored: str, code: str, layer: object
) -> None:
    team = old_team(api, database, **{column: stored})
    config = team["effectiveConfig"]
    entry = entry_of(config, column.upper())
    assert entry["value"] == entry["layers"][0]["value"]
    assert (entry["source"], entry["isRedundant"]) == ("PLATFORM_DEFAULT", False)
    assert entry["layers"][1] == {"source": "TEAM_OVERRIDE", "isSet": True, "value": layer}
    assert team["overrides"][public_name(column)] == layer
    assert [(violation["code"], violation["setting"]) for violation in config["violations"]] == [(code, column.upper())]
    assert config["violations"][0]["message"]


JSON_THAT_IS_NO_LIST_OF_NAMES = {
    "object": '{"a": 1}',
    "text": '"openai/gpt-4.1"',
    "number": "5",
    "true": "true",
    "null": "null",
    "number of 30 digits": f"[{'9' * 30}]",
    "number of 5000 digits": f"[{'9' * 5000}]",
    "number beyond floats": "[1e999]",
    "NUL": r'["a\u0000b"]',
    "lone surrogate": r'["\ud800"]',
    "name of no characters": '[""]',
    "name of 256 characters": json.dumps(["m" * 256]),
    "lists": '[["a"]]',
    "key without characters": r'[{"\ud800": 1}]',
    "nested 200 deep": "[" * 200 + "]" * 200,
    "nested 300 deep": "[" * 300 + "]" * 300,
    "nested 900 deep": "[" * 900 + "]" * 900,
    "nested 5000 deep": "[" * 5000 + "]" * 5000,
    "nested as objects": '{"a":' * 400 + "1" + "}" * 400,
}


@pytest.mark.parametrize("stored", JSON_THAT_IS_NO_LIST_OF_NAMES.values(), ids=JSON_THAT_IS_NO_LIST_OF_NAMES)
def test_whatever_json_is_stored_the_team_can_be_read_and_serves_the_defaults(
    api: RunningApi, database: str, stored: str
) -> None:
    team = old_team(api, database, available_models=f"'{stored}'")
    config = team["effectiveConfig"]
    assert config["availableModels"] == PRIVATE_MODELS
    assert [(violation["code"], violation["setting"]) for violation in config["violations"]] == [
        ("VALUE_OUT_OF_RANGE", "AVAILABLE_MODELS")
    ]
    assert entry_of(config, "AVAILABLE_MODELS")["layers"][1]["isSet"]
    # Overridden, so not null; of what is no text, nothing can be shown here.
    assert all(isinstance(name, str) for name in team["overrides"]["availableModels"])


@pytest.mark.parametrize("stored", JSON_THAT_IS_NO_LIST_OF_NAMES.values(), ids=JSON_THAT_IS_NO_LIST_OF_NAMES)
def test_whatever_json_is_stored_the_team_can_be_repaired_and_deleted(
    api: RunningApi, database: str, stored: str
) -> None:
    first, second = (
        encoded(f"Team:{insert_past_constraints(database, available_models=literal, **names_of(name))}")
        for literal, name in ((f"'{stored}'", "first"), (f"'{stored}'", "second"))
    )
    repaired = run(api, "updateTeamOverrides", id=first, overrides={"availableModels": [SECOND_MODEL]})
    assert repaired["team"]["effectiveConfig"]["availableModels"] == [SECOND_MODEL]
    assert run(api, "deleteTeam", id=second)["__typename"] == "DeleteTeamSuccess"


@pytest.mark.parametrize("stored", [r'["a\u0000b"]', '[1, "a"]', r'["a\ud800"]', f"[{'9' * 30}]", '["a", "a"]'])
def test_a_list_that_the_constraints_let_pass_never_keeps_the_team_from_being_renamed(
    api: RunningApi, database: str, stored: str
) -> None:
    team = old_team(api, database, available_models=f"'{stored}'")
    renamed = run(api, "updateTeam", id=team["id"], displayName="New")
    assert renamed["__typename"] == "UpdateTeamSuccess"


@pytest.mark.parametrize(
    ("stored", "served"),
    [
        (["b", 1, None, "a", "b", ""], ["b", "a"]),
        ([f"m{number}" for number in range(101)], [f"m{number}" for number in range(100)]),
        (["m" * 256, "m" * 255], ["m" * 255]),
    ],
)
def test_of_a_damaged_list_the_usable_names_are_served_in_their_order(
    api: RunningApi, database: str, stored: list[Any], served: list[str]
) -> None:
    config = old_team(api, database, available_models=f"'{json.dumps(stored)}'")["effectiveConfig"]
    assert config["availableModels"] == served
    entry = entry_of(config, "AVAILABLE_MODELS")
    assert (entry["source"], entry["layers"][1]["value"]) == ("DERIVED", stored)
    assert [violation["setting"] for violation in config["violations"]] == ["AVAILABLE_MODELS"]


@pytest.mark.parametrize("stored", [r'["\ud800", "a"]', r'["a", "b\udfff\ud800"]', r'["\u0000", "a", "a\u0000"]'])
def test_names_of_what_is_no_character_are_left_out_and_shown_with_a_replacement(
    api: RunningApi, database: str, stored: str
) -> None:
    """Nobody is served a model whose name was made up of a damaged one."""
    team = old_team(api, database, available_models=f"'{stored}'")
    entry = entry_of(team["effectiveConfig"], "AVAILABLE_MODELS")
    assert (entry["value"], entry["source"]) == (["a"], "DERIVED")
    assert [violation["setting"] for violation in team["effectiveConfig"]["violations"]] == ["AVAILABLE_MODELS"]
    layer = entry["layers"][1]["value"]
    assert len(layer) == len(json.loads(stored))
    assert team["overrides"]["availableModels"] == layer


@pytest.mark.parametrize("stored", ["", "Public", "PUBLIC", "telegram", "публичный"])
def test_a_platform_type_that_is_none_reads_as_private(api: RunningApi, database: str, stored: str) -> None:
    """The safe side: private asks for authentication."""
    team = old_team(api, database, platform_type=f"'{stored}'")
    config = team["effectiveConfig"]
    assert (team["platformType"], config["platformType"], config["requiresAuth"]) == ("PRIVATE", "PRIVATE", True)
    assert config["availableModels"] == PRIVATE_MODELS


def test_a_row_that_is_broken_throughout_names_every_violation_in_order(api: RunningApi, database: str) -> None:
    config = old_team(
        api,
        database,
        rate_limit="0",
        max_history="0",
        default_model="'z'",
        available_models="'[]'",
        allow_model_switch="false",
        platform_type="'?'",
        monthly_quota="-1",
    )["effectiveConfig"]
    assert [(violation["setting"], violation["code"]) for violation in config["violations"]] == [
        ("RATE_LIMIT", "VALUE_OUT_OF_RANGE"),
        ("MAX_HISTORY", "VALUE_OUT_OF_RANGE"),
        ("DEFAULT_MODEL", "MODEL_NOT_AVAILABLE"),
        ("AVAILABLE_MODELS", "EMPTY_MODEL_LIST"),
    ]
    assert [entry["source"] for entry in config["resolution"]] == ["PLATFORM_DEFAULT"] * 4 + ["TEAM_OVERRIDE"]


def test_one_broken_row_does_not_spoil_a_list_of_teams(api: RunningApi, database: str) -> None:
    create(api, "sound")
    for number, stored in enumerate(JSON_THAT_IS_NO_LIST_OF_NAMES.values()):
        insert_past_constraints(database, available_models=f"'{stored}'", **names_of(str(number)))
    nodes = api.execute(f"{{ teams(first: 50) {{ nodes {{ {TEAM} }} }} }}")["teams"]["nodes"]
    assert len(nodes) == len(JSON_THAT_IS_NO_LIST_OF_NAMES) + 1
