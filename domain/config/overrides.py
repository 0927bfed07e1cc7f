"""A team's own layer of configuration, as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.config.settings_table import SETTINGS, Setting, position_of

if TYPE_CHECKING:
    from domain.config.setting_types import SettingValue

OverridesChange = Mapping[Setting[Any], "SettingValue | None"]
"""A change of overrides. A setting that is absent stays as it is, None removes its override, a value overrides."""


@dataclass(frozen=True, slots=True)
class ConfigOverrides:
    """What a team stores for each setting, in the order of the table; None where it is not overridden.

    A stored value may be anything that its column can hold: the merger judges it, not this type. Lists become tuples.
    Overrides are equal where their values are of equal types too: a 1 is no true. Where one holds objects of JSON, they
    have no hash.
    """

    stored: tuple[object, ...]
    _types: tuple[object, ...] = field(init=False, repr=False)
    _hash: int | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.stored) != len(SETTINGS):
            raise ValueError(f"overrides need {len(SETTINGS)} values, one for each setting, not {len(self.stored)}")
        stored = tuple([tuple(value) if isinstance(value, list) else value for value in self.stored])
        object.__setattr__(self, "stored", stored)
        object.__setattr__(self, "_types", _types(stored))
        object.__setattr__(self, "_hash", _hash(stored))

    def __hash__(self) -> int:
        if self._hash is None:
            raise TypeError("overrides that hold objects of JSON have no hash")
        return self._hash

    @classmethod
    def of(cls, values: Mapping[Setting[Any], object]) -> ConfigOverrides:
        """Build overrides from the settings that are overridden."""
        return cls(tuple(values.get(setting) for setting in SETTINGS))

    def __getitem__(self, setting: Setting[Any]) -> object:
        return self.stored[position_of(setting)]

    def changed(self, change: OverridesChange) -> ConfigOverrides:
        """Give these overrides with a change applied."""
        return ConfigOverrides(
            tuple([change.get(setting, stored) for setting, stored in zip(SETTINGS, self.stored, strict=True)])
        )


def _types(values: tuple[object, ...]) -> tuple[object, ...]:
    return tuple([_types(value) if isinstance(value, tuple) else type(value) for value in values])


def _hash(values: tuple[object, ...]) -> int | None:
    try:
        return hash(values)
    except TypeError:
        return None


NO_OVERRIDES = ConfigOverrides((None,) * len(SETTINGS))
