"""The table of settings: the one place that lists them.

The settings of the environment, the merger, validation and the trail walk this table. A new setting is one entry here,
one column with its migration, one field on the GraphQL type, on its overrides type and on the input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

from domain.config.setting_types import BooleanType, IntegerType, NameListType, NameType, SettingType, Value
from domain.platform import PlatformType
from domain.text import public_name

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Default(Generic[Value]):
    """Where a platform type's default comes from: the environment variable, and the value where it is not set.

    `variable` is None where the default is a rule of the platform and cannot be configured.
    """

    variable: str | None
    value: Value


@dataclass(frozen=True, slots=True, eq=False)
class Setting(Generic[Value]):
    """A setting that a team may override.

    `name` is the attribute and the column; `effective_name` is what the value is called in an effective configuration.
    Only the model's differs.
    """

    name: str
    description: str
    type: SettingType[Value]
    defaults: Mapping[PlatformType, Default[Value]]
    effective_name: str

    @property
    def public_name(self) -> str:
        """The name in the public schema."""
        return public_name(self.name)

    def __repr__(self) -> str:
        return f"<Setting {self.name}>"


RATE_LIMIT: Setting[int] = Setting(
    name="rate_limit",
    effective_name="rate_limit",
    description="Requests per minute for each user.",
    type=IntegerType(1, 1000),
    defaults={
        PlatformType.PUBLIC: Default("TELEGRAM_RATE_LIMIT", 20),
        PlatformType.PRIVATE: Default("INTERNAL_RATE_LIMIT", 60),
    },
)

HISTORY_MAXIMUM = 100
"""The most messages of context that any session keeps."""

MAX_HISTORY: Setting[int] = Setting(
    name="max_history",
    effective_name="max_history",
    description="How many messages of context a session keeps.",
    type=IntegerType(1, HISTORY_MAXIMUM),
    defaults={
        PlatformType.PUBLIC: Default("TELEGRAM_MAX_HISTORY", 10),
        PlatformType.PRIVATE: Default("INTERNAL_MAX_HISTORY", 30),
    },
)

DEFAULT_MODEL: Setting[str] = Setting(
    name="default_model",
    effective_name="model",
    description="The model a new session starts with.",
    type=NameType(),
    defaults={
        PlatformType.PUBLIC: Default("TELEGRAM_DEFAULT_MODEL", "google/gemini-2.0-flash-001"),
        PlatformType.PRIVATE: Default("INTERNAL_DEFAULT_MODEL", "openai/gpt-5-chat"),
    },
)

AVAILABLE_MODELS: Setting[tuple[str, ...]] = Setting(
    name="available_models",
    effective_name="available_models",
    description="The models a session may use, in the order in which they are offered.",
    type=NameListType(maximum_items=100),
    defaults={
        PlatformType.PUBLIC: Default(
            "TELEGRAM_MODELS",
            (
                "google/gemini-2.0-flash-001",
                "google/gemini-2.5-flash",
                "deepseek/deepseek-chat-v3-0324",
                "openai/gpt-4o-mini",
            ),
        ),
        PlatformType.PRIVATE: Default(
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
    },
)

ALLOW_MODEL_SWITCH: Setting[bool] = Setting(
    name="allow_model_switch",
    effective_name="allow_model_switch",
    description="Whether users may change the model of their session.",
    type=BooleanType(),
    defaults={
        PlatformType.PUBLIC: Default("TELEGRAM_ALLOW_MODEL_SWITCH", value=True),
        PlatformType.PRIVATE: Default(None, value=True),
    },
)

# The setting's own type parameter is lost in a collection; `Any` lets its rules be applied to its values.
SETTINGS: tuple[Setting[Any], ...] = (RATE_LIMIT, MAX_HISTORY, DEFAULT_MODEL, AVAILABLE_MODELS, ALLOW_MODEL_SWITCH)
"""All settings, in the order in which they are presented."""

_POSITIONS: Mapping[Setting[Any], int] = {setting: position for position, setting in enumerate(SETTINGS)}


def position_of(setting: Setting[Any]) -> int:
    """Give the setting's place in every tuple that holds one entry for each setting."""
    return _POSITIONS[setting]
