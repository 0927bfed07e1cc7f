"""Who is asking, and what each kind of caller may do."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from domain.errors import Forbidden
from domain.platform import PlatformType, platform_type_of_name
from domain.text import forms_of_name


class ViewerKind(enum.Enum):
    """The three kinds of caller."""

    ADMIN = "ADMIN"
    SERVICE = "SERVICE"
    TEAM = "TEAM"


@dataclass(frozen=True, slots=True)
class Admin:
    """An operator: may do everything."""

    name: str
    kind = ViewerKind.ADMIN


@dataclass(frozen=True, slots=True)
class Service:
    """A bot of our own: serves the sessions without a team on platforms of its type, and reads their configuration."""

    name: str
    platform_type: PlatformType
    kind = ViewerKind.SERVICE


@dataclass(frozen=True, slots=True)
class TeamKey:
    """The holder of a team's API key: reads its own team, serves the sessions that it opened, never administers."""

    name: str
    team_id: int
    api_key_id: int
    platform_name: str
    platform_type: PlatformType
    kind = ViewerKind.TEAM


Viewer = Admin | Service | TeamKey


def require_admin(viewer: Viewer) -> Admin:
    """Give the administrator back.

    Raises:
        Forbidden: the viewer is none.
    """
    if isinstance(viewer, Admin):
        return viewer
    raise Forbidden("Only an administrator may do this.")


def require_platform(viewer: Viewer, platform: str) -> None:
    """Let a viewer ask for the configuration of a platform name.

    The answer depends on the name alone, never on which teams exist: a refusal tells nothing about other teams.

    Raises:
        Forbidden: the platform is not the viewer's to ask about.
    """
    match viewer:
        case Admin():
            return
        case Service(platform_type=platform_type):
            allowed = platform_type_of_name(platform) is platform_type
        case TeamKey(platform_name=own):
            allowed = own in forms_of_name(platform)
    if not allowed:
        raise Forbidden("This platform is not this key's.")


def require_platform_type(viewer: Viewer, platform_type: PlatformType) -> None:
    """Let a viewer ask for a platform type's defaults: an administrator for both, anyone else for its own.

    Raises:
        Forbidden: the type is not the viewer's own.
    """
    if not isinstance(viewer, Admin) and viewer.platform_type is not platform_type:
        raise Forbidden("This platform type is not this key's.")
