"""Effective configurations: every value with where it comes from."""

from typing import ClassVar, Self

import strawberry
from strawberry.scalars import JSON

from domain.config import merge
from domain.config.merge import ConfigSource
from domain.config.setting_types import ConfigViolationCode
from domain.config.settings_table import SETTINGS
from domain.platform import COMMANDS, PlatformType
from schema.cost_directives import ListSize, cost
from schema.enums import ConfigSetting, config_setting
from schema.values import Values

VALUE = cost(2)
"""The price of a value of any setting: the values of all five together cost as much as the one long list among them."""


@strawberry.type(description="What one layer holds for a setting.")
class ConfigLayer:
    """What one layer holds for a setting."""

    source: ConfigSource = strawberry.field(description="Which layer this is: PLATFORM_DEFAULT or TEAM_OVERRIDE.")
    is_set: bool = strawberry.field(description="Whether the layer holds a value; if not, the one below counts.")
    value: JSON | None = strawberry.field(
        description="What the layer holds, as stored; null where isSet is false.", directives=[VALUE]
    )


@strawberry.type(description="A setting's value, where it comes from, and what each layer holds for it.")
class ResolvedSetting:
    """A setting's value and where it comes from."""

    setting: ConfigSetting = strawberry.field(description="Which setting this is about.")
    value: JSON = strawberry.field(
        description="Equal to the same setting in the EffectiveConfig that carries this entry: a number, "
        "a truth value, text, or a list of text.",
        directives=[VALUE],
    )
    source: ConfigSource = strawberry.field(description="Where the value comes from.")
    layers: list[ConfigLayer] = strawberry.field(
        description="The layers, lowest first: PLATFORM_DEFAULT, TEAM_OVERRIDE. The highest that can stand wins.",
        directives=[ListSize(assumed_size=2)],
    )
    is_redundant: bool = strawberry.field(
        description="True where an override repeats the default it covers: without it nothing would differ today, "
        "but a later change of the default would then arrive."
    )

    @classmethod
    def from_domain(cls, resolved: merge.ResolvedSetting) -> Self:
        """Build the type from the merger's entry."""
        return cls(
            setting=config_setting(resolved.setting),
            value=JSON(resolved.value),
            source=resolved.source,
            layers=[
                ConfigLayer(source=ConfigSource.PLATFORM_DEFAULT, is_set=True, value=JSON(resolved.default)),
                ConfigLayer(
                    source=ConfigSource.TEAM_OVERRIDE,
                    is_set=resolved.is_overridden,
                    value=JSON(resolved.override) if resolved.is_overridden else None,
                ),
            ],
            is_redundant=resolved.is_redundant,
        )


@strawberry.type(description="A stored setting that could not stand as it is, and what was done about it.")
class ConfigViolation:
    """A stored setting that could not stand."""

    code: ConfigViolationCode = strawberry.field(description="What is wrong, for programs.")
    setting: ConfigSetting = strawberry.field(description="The setting whose stored value is at fault.")
    message: str = strawberry.field(description="What is wrong and which value is used instead, for people.")

    @classmethod
    def from_domain(cls, violation: merge.ConfigViolation) -> Self:
        """Build the type from the merger's violation."""
        return cls(code=violation.code, setting=config_setting(violation.setting), message=violation.message)


@strawberry.type(
    description="What the runtime gets: defaults of the platform type with the team's overrides applied. "
    "It is merged at the moment it is asked for, so a changed default or override shows at once."
)
class EffectiveConfig:
    """Defaults and overrides merged."""

    IS_VALUE: ClassVar[bool] = True
    merged: strawberry.Private[merge.EffectiveConfig]
    platform_type: PlatformType = strawberry.field(description="The platform type whose defaults lie underneath.")
    model: str = strawberry.field(description="The model a new session starts with. Always one of availableModels.")
    available_models: list[str] = strawberry.field(
        description="The models a session may use. Never empty, no duplicates, in the order given by its layer.",
        directives=[cost(10)],
    )
    rate_limit: int = strawberry.field(description="Requests per minute for each user.")
    max_history: int = strawberry.field(description="How many messages of context a session keeps.")
    allow_model_switch: bool = strawberry.field(description="Whether users may change the model of their session.")
    requires_auth: bool = strawberry.field(description="Whether users have to authenticate; true on private platforms.")
    commands: list[str] = strawberry.field(description="Bot commands that the platform offers, without the slash.")

    @strawberry.field(
        description="Where each setting's value comes from, one entry for each ConfigSetting, in its order.",
        directives=[ListSize(assumed_size=len(SETTINGS))],
    )
    def resolution(self) -> list[ResolvedSetting]:
        """Show the merger's own account."""
        return [ResolvedSetting.from_domain(resolved) for resolved in self.merged.resolution]

    @strawberry.field(
        description="Stored settings that break their bounds or contradict one another. Empty for every configuration "
        "written through this API under today's defaults.",
        directives=[ListSize(assumed_size=len(SETTINGS))],
    )
    def violations(self) -> list[ConfigViolation]:
        """Show what could not stand."""
        return [ConfigViolation.from_domain(violation) for violation in self.merged.violations]

    @classmethod
    def from_domain(cls, merged: merge.EffectiveConfig) -> "EffectiveConfig":
        """Give the type's object for what the merger produced."""
        return _VALUES.of(merged)


def _effective_config(merged: merge.EffectiveConfig) -> EffectiveConfig:
    # The fields of settings bear their effective names.
    settings = {resolved.setting.effective_name: resolved.value for resolved in merged.resolution}
    return EffectiveConfig(
        merged=merged,
        platform_type=merged.platform_type,
        requires_auth=merged.platform_type.requires_auth,
        commands=list(COMMANDS),
        **settings,  # type: ignore[arg-type] # a test holds the fields against the table of settings
    )


_VALUES = Values(_effective_config)
