"""The defaults of a platform type: valid by construction, so that the merger can rely on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from domain.config.settings_table import AVAILABLE_MODELS, DEFAULT_MODEL, SETTINGS, Setting, position_of
from domain.errors import InvalidDefaults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.config.setting_types import SettingValue, Value
    from domain.platform import PlatformType


@dataclass(frozen=True, slots=True)
class PlatformDefaults:
    """The value of every setting for a platform type, in the order of the table.

    Raises:
        InvalidDefaults: a value breaks its bounds, or the default model is not one of the available models.
    """

    platform_type: PlatformType
    values: tuple[SettingValue, ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        problems = [
            problem.message
            for setting, value in zip(SETTINGS, self.values, strict=True)
            for problem in setting.type.problems(value, (), setting.name)
        ]
        if not problems and self[DEFAULT_MODEL] not in self[AVAILABLE_MODELS]:
            problems.append(f'The default model "{self[DEFAULT_MODEL]}" is not one of the available models.')
        if problems:
            raise InvalidDefaults(" ".join(problems))
        object.__setattr__(self, "_hash", hash((self.platform_type, self.values)))

    def __hash__(self) -> int:
        # Worked out once: they are looked up for every configuration that is merged.
        return self._hash

    def __getitem__(self, setting: Setting[Value]) -> Value:
        return cast("Value", self.values[position_of(setting)])


def platform_defaults(
    platform_type: PlatformType, configured: Mapping[Setting[Any], SettingValue] | None = None
) -> PlatformDefaults:
    """Build a platform type's defaults: what was configured, cleaned as an override is, else the value of the table.

    Raises:
        InvalidDefaults: see PlatformDefaults.
    """
    configured = configured or {}
    return PlatformDefaults(
        platform_type,
        tuple(
            setting.type.clean(configured.get(setting, setting.defaults[platform_type].value)) for setting in SETTINGS
        ),
    )
