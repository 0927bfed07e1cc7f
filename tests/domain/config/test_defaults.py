"""The defaults: those documented, those configured, and that no others can be built."""

from __future__ import annotations

from typing import Any

import pytest

from domain.config.defaults import platform_defaults
from domain.config.settings_table import (
    ALLOW_MODEL_SWITCH,
    AVAILABLE_MODELS,
    DEFAULT_MODEL,
    MAX_HISTORY,
    RATE_LIMIT,
    SETTINGS,
    Setting,
)
from domain.errors import InvalidDefaults
from domain.platform import PlatformType

DOCUMENTED = {
    PlatformType.PUBLIC: {
        RATE_LIMIT: ("TELEGRAM_RATE_LIMIT", 20),
        MAX_HISTORY: ("TELEGRAM_MAX_HISTORY", 10),
        DEFAULT_MODEL: ("TELEGRAM_DEFAULT_MODEL", "google/gemini-2.0-flash-001"),
        AVAILABLE_MODELS: (
            "TELEGRAM_MODELS",
            (
                "google/gemini-2.0-flash-001",
                "google/gemini-2.5-flash",
                "deepseek/deepseek-chat-v3-0324",
                "openai/gpt-4o-mini",
            ),
        ),
        ALLOW_MODEL_SWITCH: ("TELEGRAM_ALLOW_MODEL_SWITCH", True),
    },
    PlatformType.PRIVATE: {
        RATE_LIMIT: ("INTERNAL_RATE_LIMIT", 60),
        MAX_HISTORY: ("INTERNAL_MAX_HISTORY", 30),
        DEFAULT_MODEL: ("INTERNAL_DEFAULT_MODEL", "openai/gpt-5-chat"),
        AVAILABLE_MODELS: (
            "INTERNAL_MODELS",
            (
                "openai/gpt-5-chat",
                "openai/gpt-4.1",
                "openai/gpt-4o-mini",
                "openai/gpt-4o-search-preview",
                "anthropic/claude-sonnet-4",
                "google/gemini-2.0-flash-001",
                "google/gemini-2.5-flash",
                "deepseek/deepseek-chat-v3-0324",
                "x-ai/grok-4",
                "meta-llama/llama-4-maverick",
            ),
        ),
        ALLOW_MODEL_SWITCH: (None, True),
    },
}


@pytest.mark.parametrize("platform_type", PlatformType)
def test_the_defaults_and_their_variables_are_those_documented(platform_type: PlatformType) -> None:
    defaults = platform_defaults(platform_type)
    assert defaults.platform_type is platform_type
    assert {
        setting: (setting.defaults[platform_type].variable, defaults[setting]) for setting in SETTINGS
    } == DOCUMENTED[platform_type]


def test_what_is_configured_takes_the_place_of_the_tables_value() -> None:
    """Also where it is false."""
    defaults = platform_defaults(PlatformType.PUBLIC, {RATE_LIMIT: 1, ALLOW_MODEL_SWITCH: False})
    assert defaults[RATE_LIMIT] == 1
    assert defaults[ALLOW_MODEL_SWITCH] is False
    assert defaults[MAX_HISTORY] == 10


@pytest.mark.parametrize(
    "configured",
    [
        {RATE_LIMIT: 0},
        {RATE_LIMIT: 1001},
        {MAX_HISTORY: 0},
        {MAX_HISTORY: 101},
        {DEFAULT_MODEL: ""},
        {DEFAULT_MODEL: "none/of-them"},
        {AVAILABLE_MODELS: ()},
        {AVAILABLE_MODELS: ("google/gemini-2.0-flash-001", "a", "a")},
        {AVAILABLE_MODELS: ("a", "b")},
    ],
)
def test_defaults_that_could_not_be_served_cannot_be_built(configured: dict[Setting[Any], Any]) -> None:
    with pytest.raises(InvalidDefaults):
        platform_defaults(PlatformType.PUBLIC, configured)


def test_a_refusal_names_every_setting_that_is_wrong() -> None:
    with pytest.raises(InvalidDefaults, match=r"rate_limit .*max_history "):
        platform_defaults(PlatformType.PUBLIC, {RATE_LIMIT: 0, MAX_HISTORY: 0})
