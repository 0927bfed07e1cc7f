"""What a viewer may see, as conditions. Every query that answers a viewer applies one of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, ColumnElement, Integer, bindparam, false, func, true

from db.models import ApiKey, ChatSession, Message, Team, UsageTotal
from domain.platform import PUBLIC_PLATFORM, PlatformType
from domain.viewer import Admin, Service, TeamKey, Viewer

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sqlalchemy.orm import InstrumentedAttribute


_OWN_TEAM = "own_team"


def scope(viewer: Viewer) -> Hashable:
    """Give what of a viewer decides how the conditions below are written; the rest of it is parameters of them."""
    return (type(viewer), viewer.platform_type if isinstance(viewer, Service) else None)


def scope_parameters(viewer: Viewer) -> dict[str, Any]:
    """Give the parameters of the conditions below."""
    return {_OWN_TEAM: viewer.team_id} if isinstance(viewer, TeamKey) else {}


def visible_teams(viewer: Viewer) -> ColumnElement[bool]:
    """An admin sees every team, a team's key its own, a service none."""
    match viewer:
        case Admin():
            return true()
        case TeamKey():
            return Team.id == _own_team(viewer)
        case Service():
            return false()


def visible_api_keys(viewer: Viewer) -> ColumnElement[bool]:
    """An admin sees every key, a team's key those of its team, a service none."""
    match viewer:
        case Admin():
            return true()
        case TeamKey():
            return ApiKey.team_id == _own_team(viewer)
        case Service():
            return false()


def visible_sessions(viewer: Viewer) -> ColumnElement[bool]:
    """An admin sees every session, a team's key those of its team, a service those of its platforms without a team."""
    return _of_conversation(viewer, ChatSession.team_id, ChatSession.platform)


def visible_messages(viewer: Viewer) -> ColumnElement[bool]:
    """A message is seen by whoever sees its session."""
    return _of_conversation(viewer, Message.team_id, Message.platform)


def visible_usage(viewer: Viewer) -> ColumnElement[bool]:
    """An admin sees all usage, a team's key that of its team, a service that of its platforms without a team."""
    match viewer:
        case Admin():
            return true()
        case TeamKey():
            return UsageTotal.team_id == _own_team(viewer)
        case Service(platform_type=platform_type):
            return (UsageTotal.team_id == 0) & _of_type(UsageTotal.platform, platform_type)


def _of_conversation(
    viewer: Viewer, team_id: InstrumentedAttribute[int | None], platform: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    match viewer:
        case Admin():
            return true()
        case TeamKey():
            return team_id == _own_team(viewer)
        case Service(platform_type=platform_type):
            return team_id.is_(None) & _of_type(platform, platform_type)


def _own_team(viewer: TeamKey) -> BindParameter[int]:
    return bindparam(_OWN_TEAM, viewer.team_id, Integer)


def _of_type(platform: InstrumentedAttribute[str], platform_type: PlatformType) -> ColumnElement[bool]:
    # The same rule as domain.platform.platform_type_of_name.
    is_public = func.lower(platform) == PUBLIC_PLATFORM
    return is_public if platform_type is PlatformType.PUBLIC else ~is_public
