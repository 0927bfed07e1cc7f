"""The documented defaults of each platform type, as an effective configuration shows them."""

from __future__ import annotations

from typing import Any

COMMANDS = ["start", "help", "status", "clear", "model", "models"]
DOCUMENTED = {
    "PUBLIC": {
        "platformType": "PUBLIC",
        "model": "google/gemini-2.0-flash-001",
        "availableModels": [
            "google/gemini-2.0-flash-001",
            "google/gemini-2.5-flash",
            "deepseek/deepseek-chat-v3-0324",
            "openai/gpt-4o-mini",
        ],
        "rateLimit": 20,
        "maxHistory": 10,
        "allowModelSwitch": True,
        "requiresAuth": False,
        "commands": COMMANDS,
    },
    "PRIVATE": {
        "platformType": "PRIVATE",
        "model": "openai/gpt-5-chat",
        "availableModels": [
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
        "rateLimit": 60,
        "maxHistory": 30,
        "allowModelSwitch": True,
        "requiresAuth": True,
        "commands": COMMANDS,
    },
}
FIELDS_OF_SETTINGS = {
    "RATE_LIMIT": "rateLimit",
    "MAX_HISTORY": "maxHistory",
    "DEFAULT_MODEL": "model",
    "AVAILABLE_MODELS": "availableModels",
    "ALLOW_MODEL_SWITCH": "allowModelSwitch",
}


def plain_default(platform_type: str) -> dict[str, Any]:
    """Give the configuration of a platform type as documented, with its account of where values come from."""
    documented: dict[str, Any] = DOCUMENTED[platform_type]
    return documented | {
        "resolution": [
            {
                "setting": setting,
                "value": documented[field],
                "source": "PLATFORM_DEFAULT",
                "isRedundant": False,
                "layers": [
                    {"source": "PLATFORM_DEFAULT", "isSet": True, "value": documented[field]},
                    {"source": "TEAM_OVERRIDE", "isSet": False, "value": None},
                ],
            }
            for setting, field in FIELDS_OF_SETTINGS.items()
        ],
        "violations": [],
    }
