"""A team's own layer of configuration, as read and as written."""

from typing import Any, ClassVar

import strawberry

from domain.config.overrides import ConfigOverrides as StoredOverrides
from domain.config.overrides import OverridesChange
from domain.config.setting_types import NameListType
from domain.config.settings_table import SETTINGS, Setting
from domain.text import storable
from schema.cost_directives import cost
from schema.values import Values


@strawberry.type(description="The team's own layer. null: not overridden, the platform type's default holds.")
class ConfigOverrides:
    """The team's own layer."""

    IS_VALUE: ClassVar[bool] = True
    rate_limit: int | None = strawberry.field(description="Requests per minute for each user.")
    max_history: int | None = strawberry.field(description="How many messages of context a session keeps.")
    default_model: str | None = strawberry.field(description="The model a new session starts with.")
    available_models: list[str] | None = strawberry.field(
        description="The models a session may use, in order.", directives=[cost(10)]
    )
    allow_model_switch: bool | None = strawberry.field(
        description="Whether users may change the model of their session."
    )

    @classmethod
    def from_domain(cls, stored: StoredOverrides) -> "ConfigOverrides":
        """Give the type's object for what is stored. What it cannot express is seen in `resolution { layers }`."""
        return _VALUES.of(stored)


def _config_overrides(stored: StoredOverrides) -> ConfigOverrides:
    return ConfigOverrides(**{setting.name: _expressible(setting, stored[setting]) for setting in SETTINGS})


_VALUES = Values(_config_overrides)


def _expressible(setting: Setting[Any], stored: Any) -> Any:
    if stored is None or not isinstance(setting.type, NameListType):
        return stored
    # A column of JSON may hold what is no list of text; it is overridden all the same, so null would be wrong.
    return [storable(entry) for entry in stored if isinstance(entry, str)] if isinstance(stored, tuple) else []


@strawberry.input(
    description="A change of the team's own layer. Absent: leave as it is. null: remove the override, so that the "
    "platform type's default holds again. A value: override. The three differ in literals and in variables alike."
)
class ConfigOverridesInput:
    """A change of the team's own layer."""

    rate_limit: strawberry.Maybe[int | None] = strawberry.field(
        description="Requests per minute for each user: 1 to 1000."
    )
    max_history: strawberry.Maybe[int | None] = strawberry.field(
        description="How many messages of context a session keeps: 1 to 100."
    )
    default_model: strawberry.Maybe[str | None] = strawberry.field(
        description="The model a new session starts with: 1 to 255 characters after trimming; has to be one of the "
        "availableModels that result."
    )
    available_models: strawberry.Maybe[list[str] | None] = strawberry.field(
        description="The models a session may use, in order: 1 to 100 distinct names of 1 to 255 characters. "
        "An empty list is refused; send null to inherit."
    )
    allow_model_switch: strawberry.Maybe[bool | None] = strawberry.field(
        description="Whether users may change the model of their session."
    )

    def to_domain(self) -> OverridesChange:
        """Give the change by settings; those left out are absent from it."""
        return {
            setting: tuple(given.value) if isinstance(given.value, list) else given.value
            for setting in SETTINGS
            if (given := getattr(self, setting.name)) is not None
        }
