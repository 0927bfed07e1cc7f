"""Judging a change: each value by itself, then the configuration that results."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.config.defaults import PlatformDefaults, platform_defaults
from domain.config.merge import merge
from domain.config.overrides import ConfigOverrides
from domain.config.setting_types import ConfigViolationCode
from domain.config.settings_table import (
    ALLOW_MODEL_SWITCH,
    AVAILABLE_MODELS,
    DEFAULT_MODEL,
    MAX_HISTORY,
    RATE_LIMIT,
)
from domain.config.validation import change_problems, clean_change, require_consistent
from domain.errors import InputProblemCode, InvalidInput, ModelNotAvailable
from domain.platform import PlatformType
from tests.domain.config.strategies import any_text, defaults, stored_overrides


@given(defaults(), stored_overrides)
def test_a_result_is_refused_exactly_where_it_would_hold_a_violation(
    defaults: PlatformDefaults, overrides: ConfigOverrides
) -> None:
    config = merge(defaults, overrides)
    bounds_broken = [
        (("input", violation.setting.public_name), InputProblemCode.NOT_ALLOWED)
        for violation in config.violations
        if violation.code is not ConfigViolationCode.MODEL_NOT_AVAILABLE
    ]
    if not config.violations:
        require_consistent(defaults, overrides, path=("input",))
    elif bounds_broken:
        with pytest.raises(InvalidInput) as refused:
            require_consistent(defaults, overrides, path=("input",))
        assert [(problem.path, problem.code) for problem in refused.value.problems] == bounds_broken
    else:
        with pytest.raises(ModelNotAvailable) as unavailable:
            require_consistent(defaults, overrides, path=("input",))
        assert unavailable.value.model == overrides[DEFAULT_MODEL]
        assert unavailable.value.available_models == config.available_models


def test_a_refusal_can_point_at_the_one_field_that_the_caller_gave() -> None:
    """A change of the platform type names no setting."""
    with pytest.raises(InvalidInput) as refused:
        require_consistent(
            platform_defaults(PlatformType.PUBLIC),
            ConfigOverrides.of({RATE_LIMIT: 0}),
            path=("platformType",),
            named_in_path=False,
        )
    assert [problem.path for problem in refused.value.problems] == [("platformType",)]


def test_every_problem_of_a_change_is_reported_under_its_public_name() -> None:
    problems = change_problems(
        {RATE_LIMIT: 1001, MAX_HISTORY: None, AVAILABLE_MODELS: ("a", "a"), ALLOW_MODEL_SWITCH: False}
    )
    assert [(problem.path, problem.code) for problem in problems] == [
        (("rateLimit",), InputProblemCode.TOO_LARGE),
        (("availableModels", "1"), InputProblemCode.DUPLICATE),
    ]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            RATE_LIMIT: st.none() | st.integers(),
            DEFAULT_MODEL: st.none() | any_text,
            AVAILABLE_MODELS: st.none() | st.lists(any_text).map(tuple),
            ALLOW_MODEL_SWITCH: st.none() | st.booleans(),
        },
    )
)
def test_cleaning_a_change_again_changes_nothing(change: Any) -> None:
    once = clean_change(change)
    assert once.keys() == change.keys()
    assert clean_change(once) == once


def test_cleaning_keeps_removal_and_values_apart() -> None:
    change = clean_change({RATE_LIMIT: None, DEFAULT_MODEL: " a ", ALLOW_MODEL_SWITCH: False})
    assert change == {RATE_LIMIT: None, DEFAULT_MODEL: "a", ALLOW_MODEL_SWITCH: False}
