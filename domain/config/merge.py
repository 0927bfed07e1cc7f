"""The shared config merger: what a team's configuration is, and where each value comes from.

The rules, for any defaults and any stored overrides:

1. A setting that is overridden takes the team's value, else the default. Only None means "not overridden".
2. The model is the first of the team's default model, the platform's default model and the first available model that
   is among the effective available models.
3. A stored value that breaks its bounds or contradicts another is never an error here: the next layer takes its place
   and a violation says so. Of a stored list of names, those that can stand are kept.
"""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from domain.config.setting_types import ConfigViolationCode
from domain.config.settings_table import AVAILABLE_MODELS, DEFAULT_MODEL, SETTINGS, Setting, position_of

if TYPE_CHECKING:
    from domain.config.defaults import PlatformDefaults
    from domain.config.overrides import ConfigOverrides
    from domain.config.setting_types import SettingValue, Value
    from domain.platform import PlatformType


_RESULTS_SHARED = 500
"""Of teams that override the longest lists of models, so many take 15 MB."""


class ConfigSource(enum.Enum):
    """Where a value comes from."""

    PLATFORM_DEFAULT = "PLATFORM_DEFAULT"
    TEAM_OVERRIDE = "TEAM_OVERRIDE"
    DERIVED = "DERIVED"


class ResolvedSetting(NamedTuple):
    """A setting's effective value with its source and the two layers that it was chosen from."""

    setting: Setting[Any]
    value: SettingValue
    source: ConfigSource
    default: SettingValue
    override: object

    @property
    def is_overridden(self) -> bool:
        """Whether the team stores a value of its own, be it usable or not."""
        return self.override is not None

    @property
    def is_redundant(self) -> bool:
        """Whether the override repeats the default that it covers."""
        return self.override == self.default and type(self.override) is type(self.default)


@dataclass(frozen=True, slots=True)
class ConfigViolation:
    """A stored setting that could not stand as it is."""

    code: ConfigViolationCode
    setting: Setting[Any]
    message: str


@dataclass(frozen=True, slots=True)
class EffectiveConfig:
    """Defaults and overrides merged: what runtimes obey. `resolution` has an entry for each setting, in table order."""

    platform_type: PlatformType
    resolution: tuple[ResolvedSetting, ...]
    violations: tuple[ConfigViolation, ...]

    def __getitem__(self, setting: Setting[Value]) -> Value:
        return cast("Value", self.resolution[position_of(setting)].value)

    @property
    def model(self) -> str:
        """The model that a new session starts with; always one of `available_models`."""
        return self[DEFAULT_MODEL]

    @property
    def available_models(self) -> tuple[str, ...]:
        """The models that a session may use; never empty, no duplicates."""
        return self[AVAILABLE_MODELS]

    def model_in_use(self, chosen: str | None) -> str:
        """Give the model of a session: the user's choice while it is available, else the configuration's."""
        return chosen if chosen is not None and chosen in self.available_models else self.model


def merge(defaults: PlatformDefaults, overrides: ConfigOverrides) -> EffectiveConfig:
    """Merge a team's overrides over its platform type's defaults. Never raises; see the rules above.

    Equal inputs share one result, as long as they are met often.
    """
    try:
        return _shared(defaults, overrides)
    except TypeError:
        # Damaged values may hold objects of JSON, which cannot be looked up.
        return _merged(defaults, overrides)


def _merged(defaults: PlatformDefaults, overrides: ConfigOverrides) -> EffectiveConfig:
    violations: dict[Setting[Any], ConfigViolation] = {}
    resolved = {
        setting: _choose(setting, default, override, violations)
        for setting, default, override in zip(SETTINGS, defaults.values, overrides.stored, strict=True)
    }
    resolved[DEFAULT_MODEL] = _choose_model(
        resolved[DEFAULT_MODEL],
        available=cast("tuple[str, ...]", resolved[AVAILABLE_MODELS].value),
        violations=violations,
    )
    return EffectiveConfig(
        platform_type=defaults.platform_type,
        resolution=tuple(resolved.values()),
        violations=tuple(violations[setting] for setting in SETTINGS if setting in violations),
    )


@functools.lru_cache(maxsize=_RESULTS_SHARED)
def _shared(defaults: PlatformDefaults, overrides: ConfigOverrides) -> EffectiveConfig:
    return _merged(defaults, overrides)


def _choose(
    setting: Setting[Any],
    default: SettingValue,
    override: object,
    violations: dict[Setting[Any], ConfigViolation],
) -> ResolvedSetting:
    if override is None:
        return ResolvedSetting(setting, default, ConfigSource.PLATFORM_DEFAULT, default, override)
    reading = setting.type.read(override)
    if reading.value is None:
        value, source, remedy = default, ConfigSource.PLATFORM_DEFAULT, "It is not used."
    elif reading.violation is None:
        value, source, remedy = reading.value, ConfigSource.TEAM_OVERRIDE, ""
    else:
        value, source, remedy = reading.value, ConfigSource.DERIVED, "The names in it that can stand are used."
    if reading.violation is not None:
        violations[setting] = ConfigViolation(
            reading.violation, setting, f"The stored {setting.public_name} cannot stand: {reading.reason}. {remedy}"
        )
    return ResolvedSetting(setting, value, source, default, override)


def _choose_model(
    chosen: ResolvedSetting, *, available: tuple[str, ...], violations: dict[Setting[Any], ConfigViolation]
) -> ResolvedSetting:
    if chosen.value in available:
        return chosen
    if chosen.default in available:
        value, source = chosen.default, ConfigSource.PLATFORM_DEFAULT
    else:
        value, source = available[0], ConfigSource.DERIVED
    # A team that narrows its models without naming a default contradicts nothing.
    if chosen.source is ConfigSource.TEAM_OVERRIDE:
        violations[DEFAULT_MODEL] = ConfigViolation(
            ConfigViolationCode.MODEL_NOT_AVAILABLE,
            DEFAULT_MODEL,
            f'The stored defaultModel "{chosen.value}" is not one of the available models; "{value}" is used.',
        )
    return ResolvedSetting(chosen.setting, value, source, chosen.default, chosen.override)
