"""Defaults and overrides merged, with nothing said of where a value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Defaults(NamedTuple):
    """What a team inherits."""

    model: str
    models: list[str]
    rate_limit: int
    max_history: int


PUBLIC: Final = Defaults(
    "google/gemini-2.0-flash-001",
    [
        "google/gemini-2.0-flash-001",
        "google/gemini-2.5-flash",
        "deepseek/deepseek-chat-v3-0324",
        "openai/gpt-4o-mini",
    ],
    20,
    10,
)
PRIVATE: Final = Defaults(
    "openai/gpt-5-chat",
    [
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
    ],
    60,
    30,
)
COMMANDS: Final = ["start", "help", "status", "clear", "model", "models"]


def chosen_model(own: str | None, models: Sequence[str], default: str) -> str:
    """Choose the model that a session starts with."""
    if own is not None and own in models:
        return own
    return default if default in models else models[0]


def effective_config(team: Mapping[str, Any]) -> dict[str, Any]:
    """Merge what a row overrides over the defaults of its type."""
    is_public = team["platform_type"] == "public"
    defaults = PUBLIC if is_public else PRIVATE
    models = team["available_models"] or defaults.models
    switch = team["allow_model_switch"]
    return {
        "model": chosen_model(team["default_model"], models, defaults.model),
        "availableModels": models,
        "rateLimit": team["rate_limit"] or defaults.rate_limit,
        "maxHistory": team["max_history"] or defaults.max_history,
        "allowModelSwitch": True if switch is None else switch,
        "requiresAuth": not is_public,
        "commands": COMMANDS,
    }
