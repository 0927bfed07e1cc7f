"""Effective configurations: every value with where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.config.settings_table import ALLOW_MODEL_SWITCH, SETTINGS, Setting
from domain.platform import PlatformType
from tests.running_api import running_api
from tests.schema.config.resolution import entry_of
from tests.schema.teams.documents import EFFECTIVE_CONFIG, create, run, team_of
from tests.schema.teams.names import FIRST_MODEL, SECOND_MODEL
from tests.schema.teams.rows import unchanged

if TYPE_CHECKING:
    from tests.running_api import RunningApi

each_setting = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.public_name)
each_type = pytest.mark.parametrize("platform_type", PlatformType, ids=lambda platform_type: platform_type.name)


def default(setting: Setting[Any], platform_type: PlatformType = PlatformType.PRIVATE) -> Any:
    value = setting.defaults[platform_type].value
    return list(value) if isinstance(value, tuple) else value


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
        ({"defaultModel": SECOND_MODEL}, SECOND_MODEL, "TEAM_OVERRIDE"),
        ({"availableModels": [SECOND_MODEL, FIRST_MODEL]}, FIRST_MODEL, "PLATFORM_DEFAULT"),
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
    assert [layer["value"] for layer in entry["layers"]] == [FIRST_MODEL, overrides.get("defaultModel")]


def test_defaults_are_inherited_when_they_are_read(api: RunningApi, database: str) -> None:
    """Nothing of them is copied into a row; and what they make of an old override is said, not hidden."""
    plain = create(api, "plain")["team"]
    overriding = create(api, "overriding", overrides={"rateLimit": 60, "defaultModel": FIRST_MODEL})["team"]
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
                {"source": "TEAM_OVERRIDE", "isSet": True, "value": FIRST_MODEL},
            ],
        }
        ((code, setting, message),) = (tuple(violation.values()) for violation in config["violations"])
        assert (code, setting) == ("MODEL_NOT_AVAILABLE", "DEFAULT_MODEL")
        assert FIRST_MODEL in message
        refused = run(later, "updateTeamOverrides", id=overriding["id"], overrides={"rateLimit": 5})
        assert (refused["__typename"], refused["model"]) == ("ModelNotAvailable", FIRST_MODEL)
