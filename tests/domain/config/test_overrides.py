"""A team's own layer: absent, None and a value are three things, and None alone means "not overridden"."""

from __future__ import annotations

import pytest

from domain.config.overrides import NO_OVERRIDES, ConfigOverrides
from domain.config.settings_table import ALLOW_MODEL_SWITCH, AVAILABLE_MODELS, MAX_HISTORY, RATE_LIMIT, SETTINGS


def test_a_change_leaves_what_is_absent_clears_none_and_sets_a_value() -> None:
    before = ConfigOverrides.of({RATE_LIMIT: 5, MAX_HISTORY: 6, ALLOW_MODEL_SWITCH: True})
    after = before.changed({MAX_HISTORY: None, ALLOW_MODEL_SWITCH: False, AVAILABLE_MODELS: ("a",)})
    assert after == ConfigOverrides.of({RATE_LIMIT: 5, ALLOW_MODEL_SWITCH: False, AVAILABLE_MODELS: ("a",)})
    assert before == ConfigOverrides.of({RATE_LIMIT: 5, MAX_HISTORY: 6, ALLOW_MODEL_SWITCH: True})


def test_clearing_every_setting_leaves_no_overrides() -> None:
    overrides = ConfigOverrides.of({RATE_LIMIT: 5, AVAILABLE_MODELS: ["a"]})
    assert overrides.changed(dict.fromkeys(SETTINGS)) == NO_OVERRIDES
    assert ConfigOverrides.of({}) == NO_OVERRIDES


def test_a_list_is_copied_so_that_overrides_cannot_change() -> None:
    models = ["a"]
    overrides = ConfigOverrides.of({AVAILABLE_MODELS: models})
    models.append("b")
    assert overrides[AVAILABLE_MODELS] == ("a",)


def test_overrides_hold_one_value_for_each_setting() -> None:
    with pytest.raises(ValueError, match="one for each setting"):
        ConfigOverrides((None,) * (len(SETTINGS) - 1))
