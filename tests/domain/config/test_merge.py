"""The merger: the rules of domain/config/merge.py, for any defaults and anything stored."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.config.defaults import PlatformDefaults, platform_defaults
from domain.config.merge import ConfigSource, merge
from domain.config.overrides import NO_OVERRIDES, ConfigOverrides
from domain.config.setting_types import ConfigViolationCode
from domain.config.settings_table import (
    ALLOW_MODEL_SWITCH,
    AVAILABLE_MODELS,
    DEFAULT_MODEL,
    MAX_HISTORY,
    RATE_LIMIT,
    SETTINGS,
    Setting,
)
from domain.platform import PlatformType
from tests.domain.config.strategies import consistent_values, defaults, stored_overrides

PLATFORM_DEFAULT, TEAM_OVERRIDE, DERIVED = ConfigSource
MODEL_NOT_AVAILABLE, EMPTY_MODEL_LIST, VALUE_OUT_OF_RANGE = ConfigViolationCode


def same(left: object, right: object) -> bool:
    """Compare as JSON would: 1 is not true."""
    return left == right and type(left) is type(right)


@given(defaults(), stored_overrides)
def test_whatever_is_stored_the_configuration_can_be_obeyed(
    defaults: PlatformDefaults, overrides: ConfigOverrides
) -> None:
    config = merge(defaults, overrides)
    assert config.platform_type is defaults.platform_type
    assert config.model in config.available_models
    assert 1 <= len(config.available_models) <= 100
    assert len(set(config.available_models)) == len(config.available_models)
    assert all(type(model) is str and 1 <= len(model) <= 255 for model in config.available_models)
    assert type(config[RATE_LIMIT]) is int
    assert 1 <= config[RATE_LIMIT] <= 1000
    assert type(config[MAX_HISTORY]) is int
    assert 1 <= config[MAX_HISTORY] <= 100
    assert type(config[ALLOW_MODEL_SWITCH]) is bool


@given(defaults())
def test_without_overrides_the_defaults_are_served_unchanged(defaults: PlatformDefaults) -> None:
    config = merge(defaults, NO_OVERRIDES)
    assert tuple(config[setting] for setting in SETTINGS) == defaults.values
    assert {entry.source for entry in config.resolution} == {PLATFORM_DEFAULT}
    assert config.violations == ()


@given(defaults(), stored_overrides)
def test_merging_the_result_again_changes_nothing(defaults: PlatformDefaults, overrides: ConfigOverrides) -> None:
    once = merge(defaults, overrides)
    again = merge(defaults, ConfigOverrides.of({setting: once[setting] for setting in SETTINGS}))
    assert [entry.value for entry in again.resolution] == [entry.value for entry in once.resolution]
    assert {entry.source for entry in again.resolution} == {TEAM_OVERRIDE}
    assert again.violations == ()


@given(defaults(), stored_overrides)
def test_the_resolution_explains_each_value_served(defaults: PlatformDefaults, overrides: ConfigOverrides) -> None:
    """In table order, with the layers equal to those that went in, types included, and a source that is true."""
    config = merge(defaults, overrides)
    assert tuple(entry.setting for entry in config.resolution) == SETTINGS
    for entry in config.resolution:
        assert entry.value is config[entry.setting]
        assert same(entry.default, defaults[entry.setting])
        assert same(entry.override, overrides[entry.setting])
        if entry.source is PLATFORM_DEFAULT:
            assert same(entry.value, entry.default)
        elif entry.source is TEAM_OVERRIDE:
            assert same(entry.value, entry.override)
        else:
            assert entry.setting in {DEFAULT_MODEL, AVAILABLE_MODELS}
            assert not same(entry.value, entry.override)


@given(defaults(), stored_overrides)
def test_a_violation_stands_for_each_override_that_is_not_served_and_for_nothing_else(
    defaults: PlatformDefaults, overrides: ConfigOverrides
) -> None:
    config = merge(defaults, overrides)
    assert [violation.setting for violation in config.violations] == [
        entry.setting for entry in config.resolution if entry.is_overridden and not same(entry.value, entry.override)
    ]
    assert all(violation.message for violation in config.violations)


@given(st.data(), defaults())
def test_overrides_that_can_stand_are_served_and_leave_the_other_settings_alone(
    data: st.DataObject, defaults: PlatformDefaults
) -> None:
    values = data.draw(consistent_values(defaults))
    config = merge(defaults, ConfigOverrides.of(values))
    assert config.violations == ()
    for entry in config.resolution:
        if entry.setting in values:
            assert same(entry.value, values[entry.setting])
            assert entry.source is TEAM_OVERRIDE
        elif entry.setting is not DEFAULT_MODEL:
            assert same(entry.value, defaults[entry.setting])
            assert entry.source is PLATFORM_DEFAULT


@pytest.mark.parametrize(
    ("setting", "value"), [(ALLOW_MODEL_SWITCH, False), (RATE_LIMIT, 1), (MAX_HISTORY, 1), (DEFAULT_MODEL, "b")]
)
def test_the_least_value_of_a_setting_is_an_override(setting: Setting[Any], value: object) -> None:
    """A value that is false or small is not taken for an absent one."""
    entry = merge(over(("a", "b")), ConfigOverrides.of({setting: value})).resolution[SETTINGS.index(setting)]
    assert same(entry.value, value)
    assert entry.source is TEAM_OVERRIDE
    assert entry.is_overridden


@pytest.mark.parametrize(
    ("setting", "stored", "code"),
    [
        (RATE_LIMIT, 0, VALUE_OUT_OF_RANGE),
        (RATE_LIMIT, 1001, VALUE_OUT_OF_RANGE),
        (RATE_LIMIT, True, VALUE_OUT_OF_RANGE),
        (MAX_HISTORY, 101, VALUE_OUT_OF_RANGE),
        (DEFAULT_MODEL, "", VALUE_OUT_OF_RANGE),
        (DEFAULT_MODEL, "z", MODEL_NOT_AVAILABLE),
        (AVAILABLE_MODELS, [], EMPTY_MODEL_LIST),
        (AVAILABLE_MODELS, [""], VALUE_OUT_OF_RANGE),
        (AVAILABLE_MODELS, {}, VALUE_OUT_OF_RANGE),
        (AVAILABLE_MODELS, "a", VALUE_OUT_OF_RANGE),
        (ALLOW_MODEL_SWITCH, 0, VALUE_OUT_OF_RANGE),
    ],
)
def test_an_override_that_cannot_stand_gives_way_to_the_default_and_is_reported(
    setting: Setting[Any], stored: object, code: ConfigViolationCode
) -> None:
    platform = over(("a", "b"))
    config = merge(platform, ConfigOverrides.of({setting: stored}))
    assert tuple(entry.value for entry in config.resolution) == platform.values
    assert {entry.source for entry in config.resolution} == {PLATFORM_DEFAULT}
    assert [(violation.setting, violation.code) for violation in config.violations] == [(setting, code)]
    assert config.resolution[SETTINGS.index(setting)].is_overridden


@pytest.mark.parametrize(
    ("stored", "usable"),
    [
        (["b", "", "a", "b", 3, None, ["c"], "m" * 256], ("b", "a")),
        ([f"model-{number}" for number in range(101)], tuple(f"model-{number}" for number in range(100))),
    ],
    ids=["junk and repetitions", "too many"],
)
def test_what_can_stand_of_a_list_is_served_in_its_order(stored: list[object], usable: tuple[str, ...]) -> None:
    config = merge(over(("p",)), ConfigOverrides.of({AVAILABLE_MODELS: stored}))
    assert config.available_models == usable
    assert config.resolution[SETTINGS.index(AVAILABLE_MODELS)].source is DERIVED
    assert [violation.code for violation in config.violations] == [VALUE_OUT_OF_RANGE]


@pytest.mark.parametrize(
    ("team_default", "team_models", "model", "source", "violations"),
    [
        (None, None, "p", PLATFORM_DEFAULT, []),
        ("q", None, "q", TEAM_OVERRIDE, []),
        ("z", None, "p", PLATFORM_DEFAULT, [MODEL_NOT_AVAILABLE]),
        ("z", ["y", "z"], "z", TEAM_OVERRIDE, []),
        (None, ["y", "p"], "p", PLATFORM_DEFAULT, []),
        (None, ["y", "z"], "y", DERIVED, []),
        ("q", ["y", "p"], "p", PLATFORM_DEFAULT, [MODEL_NOT_AVAILABLE]),
        ("q", ["y", "z"], "y", DERIVED, [MODEL_NOT_AVAILABLE]),
        ("", ["y", "z"], "y", DERIVED, [VALUE_OUT_OF_RANGE]),
        ("q", [], "q", TEAM_OVERRIDE, [EMPTY_MODEL_LIST]),
        ("z", [], "p", PLATFORM_DEFAULT, [MODEL_NOT_AVAILABLE, EMPTY_MODEL_LIST]),
    ],
)
def test_the_model_is_the_teams_then_the_platforms_then_the_first_available(
    team_default: str | None,
    team_models: list[str] | None,
    model: str,
    source: ConfigSource,
    violations: list[ConfigViolationCode],
) -> None:
    config = merge(
        over(("q", "p"), default_model="p"),
        ConfigOverrides.of({DEFAULT_MODEL: team_default, AVAILABLE_MODELS: team_models}),
    )
    assert config.model == model
    assert config.resolution[SETTINGS.index(DEFAULT_MODEL)].source is source
    assert [violation.code for violation in config.violations] == violations


def test_a_team_that_narrows_its_models_without_naming_a_default_contradicts_nothing() -> None:
    config = merge(
        platform_defaults(PlatformType.PRIVATE),
        ConfigOverrides.of(
            {AVAILABLE_MODELS: ["openai/gpt-4", "anthropic/claude-sonnet-4"], RATE_LIMIT: 120, MAX_HISTORY: 50}
        ),
    )
    assert {entry.setting: (entry.value, entry.source) for entry in config.resolution} == {
        RATE_LIMIT: (120, TEAM_OVERRIDE),
        MAX_HISTORY: (50, TEAM_OVERRIDE),
        DEFAULT_MODEL: ("openai/gpt-4", DERIVED),
        AVAILABLE_MODELS: (("openai/gpt-4", "anthropic/claude-sonnet-4"), TEAM_OVERRIDE),
        ALLOW_MODEL_SWITCH: (True, PLATFORM_DEFAULT),
    }
    assert config.violations == ()


@given(defaults(), stored_overrides)
def test_an_override_is_redundant_exactly_where_it_repeats_the_default(
    defaults: PlatformDefaults, overrides: ConfigOverrides
) -> None:
    for entry in merge(defaults, overrides).resolution:
        assert entry.is_redundant is same(overrides[entry.setting], defaults[entry.setting])


def test_repeating_every_default_is_redundant() -> None:
    platform = over(("a", "b"))
    config = merge(platform, ConfigOverrides(platform.values))
    assert all(entry.is_redundant and entry.source is TEAM_OVERRIDE for entry in config.resolution)


def test_true_does_not_repeat_a_default_of_one() -> None:
    platform = platform_defaults(PlatformType.PUBLIC, {RATE_LIMIT: 1})
    entry = merge(platform, ConfigOverrides.of({RATE_LIMIT: True})).resolution[SETTINGS.index(RATE_LIMIT)]
    assert entry.is_overridden
    assert not entry.is_redundant


def over(models: tuple[str, ...], *, default_model: str | None = None) -> PlatformDefaults:
    """Give private defaults with these models; the first is the default unless another is named."""
    return platform_defaults(
        PlatformType.PRIVATE, {AVAILABLE_MODELS: models, DEFAULT_MODEL: default_model or models[0]}
    )
