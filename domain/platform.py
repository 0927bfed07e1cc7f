"""Platform types, and how a platform name that no team bears is classed."""

from __future__ import annotations

import enum


class PlatformType(enum.Enum):
    """What kind of platform a team runs; each has its own defaults. The values are those stored."""

    PUBLIC = "public"
    PRIVATE = "private"

    @property
    def requires_auth(self) -> bool:
        """Whether users have to authenticate before they may chat."""
        return self is PlatformType.PRIVATE


PUBLIC_PLATFORM = "telegram"
"""The name that is public where no team bears it, in any case."""

INTERNAL_PLATFORM = "internal"
"""The name of the platform's own private integration."""

COMMANDS = ("start", "help", "status", "clear", "model", "models")
"""The bot commands that both platform types offer, in the order in which they are shown."""


def has_administrators(platform: str) -> bool:
    """Say whether a platform name is, in any case, one that has users who administer it."""
    return platform.casefold() in (PUBLIC_PLATFORM, INTERNAL_PLATFORM)


def platform_type_of_stored(text: str) -> PlatformType:
    """Read a stored platform type. Text that names none counts as private, the type that asks users to authenticate."""
    return _STORED.get(text, PlatformType.PRIVATE)


_STORED = {each.value: each for each in PlatformType}


def platform_type_of_name(platform: str) -> PlatformType:
    """Class a platform name that no team bears: `telegram` in any case is public, any other name private."""
    return PlatformType.PUBLIC if platform.casefold() == PUBLIC_PLATFORM else PlatformType.PRIVATE
