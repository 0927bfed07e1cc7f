"""The bounds of each setting at their edges: strict for input, lenient for what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from domain.errors import InputProblemCode
from tests.domain.config.strategies import any_text

if TYPE_CHECKING:
    from domain.config.setting_types import SettingValue


def models(count: int) -> tuple[str, ...]:
    return tuple(f"model-{number}" for number in range(count))


def problems(setting: Setting[Any], value: SettingValue) -> list[tuple[tuple[str, ...], InputProblemCode]]:
    return [(problem.path, problem.code) for problem in setting.type.problems(value, ("x",), "x")]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (RATE_LIMIT, 1),
        (RATE_LIMIT, 1000),
        (MAX_HISTORY, 1),
        (MAX_HISTORY, 100),
        (DEFAULT_MODEL, "m"),
        (DEFAULT_MODEL, "m" * 255),
        (AVAILABLE_MODELS, models(1)),
        (AVAILABLE_MODELS, models(100)),
        (AVAILABLE_MODELS, ("m", "M", "m" * 255)),
        (ALLOW_MODEL_SWITCH, True),
        (ALLOW_MODEL_SWITCH, False),
    ],
)
def test_a_value_at_its_bounds_is_accepted_and_read_as_it_is(setting: Setting[Any], value: SettingValue) -> None:
    assert problems(setting, value) == []
    reading = setting.type.read(value)
    assert reading.value == value
    assert reading.violation is None


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        (RATE_LIMIT, 0, InputProblemCode.TOO_SMALL),
        (RATE_LIMIT, 1001, InputProblemCode.TOO_LARGE),
        (MAX_HISTORY, 0, InputProblemCode.TOO_SMALL),
        (MAX_HISTORY, 101, InputProblemCode.TOO_LARGE),
        (DEFAULT_MODEL, "", InputProblemCode.TOO_SHORT),
        (DEFAULT_MODEL, "m" * 256, InputProblemCode.TOO_LONG),
        (AVAILABLE_MODELS, (), InputProblemCode.TOO_SHORT),
        (AVAILABLE_MODELS, models(101), InputProblemCode.TOO_LONG),
    ],
)
def test_a_value_beyond_its_bounds_is_refused_and_never_read_as_it_is(
    setting: Setting[Any], value: SettingValue, code: InputProblemCode
) -> None:
    assert problems(setting, value) == [(("x",), code)]
    reading = setting.type.read(value)
    assert reading.value != value
    assert reading.violation is not None


@pytest.mark.parametrize(
    ("setting", "value", "bound"),
    [
        (RATE_LIMIT, 0, "1 to 1000"),
        (MAX_HISTORY, 101, "1 to 100"),
        (DEFAULT_MODEL, "m" * 256, "at most 255"),
        (AVAILABLE_MODELS, models(101), "at most 100"),
    ],
)
def test_a_refusal_names_the_bound(setting: Setting[Any], value: SettingValue, bound: str) -> None:
    assert bound in setting.type.problems(value, (), setting.public_name)[0].message


def test_each_name_of_a_list_has_its_own_problem_at_its_position() -> None:
    assert problems(AVAILABLE_MODELS, ("a", "", "a", "m" * 256, "a\x00")) == [
        (("x", "1"), InputProblemCode.TOO_SHORT),
        (("x", "2"), InputProblemCode.DUPLICATE),
        (("x", "3"), InputProblemCode.TOO_LONG),
        (("x", "4"), InputProblemCode.MALFORMED),
    ]


@pytest.mark.parametrize(
    ("setting", "stored"),
    [
        (RATE_LIMIT, True),
        (RATE_LIMIT, 20.0),
        (RATE_LIMIT, "20"),
        (DEFAULT_MODEL, 3),
        (DEFAULT_MODEL, ("a",)),
        (AVAILABLE_MODELS, "abc"),
        (AVAILABLE_MODELS, {"a": 1}),
        (AVAILABLE_MODELS, (1, None)),
        (ALLOW_MODEL_SWITCH, 1),
        (ALLOW_MODEL_SWITCH, "true"),
    ],
)
def test_a_stored_value_of_another_type_is_not_converted(setting: Setting[Any], stored: object) -> None:
    reading = setting.type.read(stored)
    assert reading.value is None
    assert reading.violation is ConfigViolationCode.VALUE_OUT_OF_RANGE


@given(st.sampled_from([DEFAULT_MODEL, AVAILABLE_MODELS]), st.lists(any_text, min_size=1))
def test_whatever_input_accepts_is_read_back_unchanged(setting: Setting[Any], texts: list[str]) -> None:
    """Otherwise a write would be confirmed and then reported as a violation."""
    cleaned = setting.type.clean(tuple(texts) if setting is AVAILABLE_MODELS else texts[0])
    if not problems(setting, cleaned):
        reading = setting.type.read(cleaned)
        assert reading.value == cleaned
        assert reading.violation is None


def test_cleaning_trims_each_name_and_keeps_the_order() -> None:
    assert AVAILABLE_MODELS.type.clean((" b ", "a\n")) == ("b", "a")
    assert DEFAULT_MODEL.type.clean("\ta ") == "a"


def test_settings_bear_their_public_names() -> None:
    """The names in which problems and violations speak are those of the public schema."""
    assert [setting.public_name for setting in SETTINGS] == [
        "rateLimit",
        "maxHistory",
        "defaultModel",
        "availableModels",
        "allowModelSwitch",
    ]
