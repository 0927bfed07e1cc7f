"""What a platform obeys, whether or not it has a team."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.config.merge import EffectiveConfig, merge
from domain.config.overrides import NO_OVERRIDES, ConfigOverrides
from domain.platform import PlatformType, platform_type_of_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.config.defaults import PlatformDefaults


class TeamLayer(NamedTuple):
    """What a team contributes to its configuration."""

    platform_type: PlatformType
    overrides: ConfigOverrides


def platform_config(
    defaults: Mapping[PlatformType, PlatformDefaults], team: TeamLayer | None, platform: str
) -> EffectiveConfig:
    """Give a platform's configuration: that of its team, or where it has none, that of its name."""
    layer = team or TeamLayer(platform_type_of_name(platform), NO_OVERRIDES)
    return merge(defaults[layer.platform_type], layer.overrides)
