"""Effective configurations: every value with where it comes from, whatever a row holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from domain.config.settings_table import ALLOW_MODEL_SWITCH, SETTINGS, Setting
from domain.platform import PlatformType
from tests.running_api import running_api
from tests.schema.teams.documents import EFFECTIVE_CONFIG, TEAM, create, run, team_of
from tests.schema.teams.ids import encoded
from tests.schema.teams.names import PRIVATE_MODELS
from tests.schema.teams.rows import insert_past_constraints, unchanged

if TYPE_CHECKING:
    from tests.running_api import RunningApi

FIRST, SECOND = PRIVATE_MODELS[:2]
each_setting = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.public_name)
each_type = pytest.mark.parametrize("platform_type", PlatformType, ids=lambda platform_type: platform_type.name)


def camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def default(setting: Setting[Any], platform_type: PlatformType = PlatformType.PRIVATE) -> Any:
    value = setting.defaults[platform_type].value
    return list(value) if isinstance(value, tuple) else value


def entry_of(config: dict[str, Any], setting: str) -> dict[str, Any]:
    (entry,) = (entry for entry in config["resolution"] if entry["setting"] == setting)
    return dict(entry)


def names_of(name: str) -> dict[str, str]:
    return {"display_name": f"'{name}'", "platform_name": f"'{name}'"}


def old_team(api: RunningApi, database: str, **columns: str) -> dict[str, Any]:
    """Write a row past the constraints and read it as a team."""
    team = team_of(api, encoded(f"Team:{insert_past_constraints(database, **columns)}"))
    assert team is not None
    config = team["effectiveConfig"]
    assert config["model"] in config["availableModels"]
    assert [entry["value"] for entry in config["resolution"]] == [
        config[camel_case(setting.effective_name)] for setting in SETTINGS
    ]
    return team


@each_type
def test_a_team_without_overrides_has_its_types_defaults(api: RunningApi, platform_type: PlatformType) -> None:
    config = create(api, platformType=platform_type.name)["team"]["effectiveConfig"]
    data = api.execute(f"{{ platformDefaults(platformType: {platform_type.name}) {{ {EFFECTIVE_CONFIG} }} }}")
    assert config == data["platformDefaults"]
    assert config["requiresAuth"] is (platform_type is PlatformType.PRIVATE)
    assert config["commands"] == ["start", "help", "status", "clear", "model", "models"]
    for setting, entry in zip(SETTINGS, config["resolution"], strict=True):
        assert entry == {
            "setting": setting.name.upper(),
            "value": default(setting, platform_type),
            "source": "PLATFORM_DEFAULT",
            "isRedundant": False,
            "layers": [
                {"source": "PLATFORM_DEFAULT", "isSet": True, "value": default(setting, platform_type)},
                {"source": "TEAM_OVERRIDE", "isSet": False, "value": None},
            ],
        }


@each_setting
@each_type
def test_an_override_that_repeats_its_default_is_redundant_and_an_override_all_the_same(
    api: RunningApi, setting: Setting[Any], platform_type: PlatformType
) -> None:
    own = default(setting, platform_type)
    team = create(api, platformType=platform_type.name, overrides={setting.public_name: own})["team"]
    assert team["overrides"][setting.public_name] == own
    for other, entry in zip(SETTINGS, team["effectiveConfig"]["resolution"], strict=True):
        assert entry["isRedundant"] is (other is setting)
        assert entry["source"] == ("TEAM_OVERRIDE" if other is setting else "PLATFORM_DEFAULT")
        assert entry["layers"][1]["isSet"] is (other is setting)


def test_false_and_the_least_number_are_overrides(api: RunningApi) -> None:
    overrides = {"allowModelSwitch": False, "rateLimit": 1, "maxHistory": 1}
    config = create(api, overrides=overrides)["team"]["effectiveConfig"]
    for name, setting in (("allowModelSwitch", "ALLOW_MODEL_SWITCH"), ("rateLimit", "RATE_LIMIT")):
        assert config[name] is overrides[name] or config[name] == overrides[name]
        entry = entry_of(config, setting)
        assert (entry["source"], entry["isRedundant"], entry["value"]) == ("TEAM_OVERRIDE", False, overrides[name])
        assert entry["layers"] == [
            {
                "source": "PLATFORM_DEFAULT",
                "isSet": True,
                "value": default(ALLOW_MODEL_SWITCH) if name == "allowModelSwitch" else 60,
            },
            {"source": "TEAM_OVERRIDE", "isSet": True, "value": overrides[name]},
        ]


@pytest.mark.parametrize(
    ("overrides", "model", "source"),
    [
        ({"defaultModel": SECOND}, SECOND, "TEAM_OVERRIDE"),
        ({"availableModels": [SECOND, FIRST]}, FIRST, "PLATFORM_DEFAULT"),
        ({"availableModels": ["b", "a"]}, "b", "DERIVED"),
        ({"availableModels": ["b", "a"], "defaultModel": "a"}, "a", "TEAM_OVERRIDE"),
    ],
)
def test_the_model_is_the_first_that_is_available(
    api: RunningApi, overrides: dict[str, Any], model: str, source: str
) -> None:
    config = create(api, overrides=overrides)["team"]["effectiveConfig"]
    entry = entry_of(config, "DEFAULT_MODEL")
    assert (config["model"], entry["value"], entry["source"], config["violations"]) == (model, model, source, [])
    assert [layer["value"] for layer in entry["layers"]] == [FIRST, overrides.get("defaultModel")]


def test_defaults_are_inherited_when_they_are_read(api: RunningApi, database: str) -> None:
    """Nothing of them is copied into a row; and what they make of an old override is said, not hidden."""
    plain = create(api, "plain")["team"]
    overriding = create(api, "overriding", overrides={"rateLimit": 60, "defaultModel": FIRST})["team"]
    assert entry_of(overriding["effectiveConfig"], "RATE_LIMIT")["isRedundant"]
    changed = {"internal_rate_limit": 7, "internal_models": ("a", "b"), "internal_default_model": "b"}
    with unchanged(database), running_api(database, **changed) as later:
        config = team_of(later, plain["id"])["effectiveConfig"]  # type: ignore[index]
        assert (config["rateLimit"], config["availableModels"], config["model"]) == (7, ["a", "b"], "b")
        config = team_of(later, overriding["id"])["effectiveConfig"]  # type: ignore[index]
        assert (config["rateLimit"], config["model"]) == (60, "b")
        assert not entry_of(config, "RATE_LIMIT")["isRedundant"]
        assert entry_of(config, "DEFAULT_MODEL") == {
            "setting": "DEFAULT_MODEL",
            "value": "b",
            "source": "PLATFORM_DEFAULT",
            "isRedundant": False,
            "layers": [
                {"source": "PLATFORM_DEFAULT", "isSet": True, "value": "b"},
                {"source": "TEAM_OVERRIDE", "isSet": True, "value": FIRST},
            ],
        }
        ((code, setting, message),) = (tuple(violation.values()) for violation in config["violations"])
        assert (code, setting) == ("MODEL_NOT_AVAILABLE", "DEFAULT_MODEL")
        assert FIRST in message
        refused = run(later, "updateTeamOverrides", id=overriding["id"], overrides={"rateLimit": 5})
        assert (refused["__typename"], refused["model"]) == ("ModelNotAvailable", FIRST)


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
    assert team["overrides"][camel_case(column)] == layer
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
    repaired = run(api, "updateTeamOverrides", id=first, overrides={"availableModels": [SECOND]})
    assert repaired["team"]["effectiveConfig"]["availableModels"] == [SECOND]
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
