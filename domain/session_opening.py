"""Opening a session: for whom, where, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import InputProblem, InputProblemCode, InvalidInput, TeamInactive, TeamNotFound
from domain.platform import has_administrators
from domain.text import clean_name, forms_of_name, name_problems
from domain.viewer import Admin, Service, TeamKey, Viewer, require_platform

PLATFORM_MAXIMUM_LENGTH = 50
"""What messages and usage logs can hold of a platform's name; their columns are older than longer names."""


@dataclass(frozen=True, slots=True)
class OwnTeam:
    """The team that a session is to belong to."""

    id: int
    platform_name: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class SessionOpening:
    """A session to be opened: cleaned and within every bound.

    `api_key_id` is the key that opens it, and owns it from then on; None where no key of a team does.
    """

    platform: str
    user_id: str
    team_id: int | None
    api_key_id: int | None


def team_of_opening(viewer: Viewer, team_id: int | None) -> int | None:
    """Give the team that a session is to belong to: the one named, or else the viewer's own; None for no team.

    Raises:
        TeamNotFound: the viewer sees no such team. A service sees none at all.
    """
    match viewer:
        case TeamKey(team_id=own) if team_id in (None, own):
            return own
        case Admin():
            return team_id
        case Service() if team_id is None:
            return None
    raise TeamNotFound


def session_opening(viewer: Viewer, *, platform: str | None, user_id: str, team: OwnTeam | None) -> SessionOpening:
    """Check what session is to be opened. Without a platform it is the team's own.

    A user's id is taken as it comes: what looks alike may be two users of the platform.

    Raises:
        TeamInactive: see its name.
        InvalidInput: every bound that is broken.
        Forbidden: a service may not serve the platform.
    """
    if team is not None and not team.is_active:
        raise TeamInactive
    problems = name_problems(user_id, ("userId",), label="userId")
    named = clean_name(platform) if platform is not None else team.platform_name if team is not None else None
    if named is None:
        problems.append(
            InputProblem(
                ("platform",),
                InputProblemCode.REQUIRED,
                "platform cannot be left out where the session belongs to no team.",
            )
        )
    else:
        problems += _platform_problems(viewer, named, is_given=platform is not None)
    if problems or named is None:
        raise InvalidInput(problems)
    if not isinstance(viewer, TeamKey):
        require_platform(viewer, named)
    return SessionOpening(
        platform=named,
        user_id=user_id,
        team_id=None if team is None else team.id,
        api_key_id=viewer.api_key_id if isinstance(viewer, TeamKey) else None,
    )


def _platform_problems(viewer: Viewer, platform: str, *, is_given: bool) -> list[InputProblem]:
    problems = name_problems(platform, ("platform",), label="platform", maximum_length=PLATFORM_MAXIMUM_LENGTH)
    if problems and not is_given:
        return [
            InputProblem(
                ("platform",),
                problems[0].code,
                "The team's own platform name cannot be used for sessions; send a platform of 1 to "
                f"{PLATFORM_MAXIMUM_LENGTH} characters, always the same one.",
            )
        ]
    if not problems and isinstance(viewer, TeamKey) and has_administrators(platform) and not _bears(viewer, platform):
        # The users who administer such a platform are known by its name.
        problems.append(
            InputProblem(
                ("platform",),
                InputProblemCode.NOT_ALLOWED,
                f'"{platform}" is a platform of its own; leave platform out to use the team\'s.',
            )
        )
    return problems


def _bears(viewer: TeamKey, platform: str) -> bool:
    return platform in forms_of_name(viewer.platform_name)
