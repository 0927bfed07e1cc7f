"""What a viewer may see, as conditions. Every query that answers a viewer applies one of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, false, func, true

from db.models import ApiKey, ChatSession, Message, Team, UsageTotal
from domain.platform import PUBLIC_PLATFORM, PlatformType
from domain.viewer import Admin, Service, TeamKey, Viewer

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute


def visible_teams(viewer: Viewer) -> ColumnElement[bool]:
    """An admin sees every team, a team's key its own, a service none."""
    match viewer:
        case Admin():
            return true()
        case TeamKey(team_id=team_id):
            return Team.id == team_id
        case Service():
            return false()


def visible_api_keys(viewer: Viewer) -> ColumnElement[bool]:
    """An admin sees every key, a team's key those of its team, a service none."""
    match viewer:
        case Admin():
            return true()
        case TeamKey(team_id=team_id):
            return ApiKey.team_id == team_id
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
        case TeamKey(team_id=team_id):
            return UsageTotal.team_id == team_id
        case Service(platform_type=platform_type):
            return (UsageTotal.team_id == 0) & _of_type(UsageTotal.platform, platform_type)


def _of_conversation(
    viewer: Viewer, team_id: InstrumentedAttribute[int | None], platform: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    match viewer:
        case Admin():
            return true()
        case TeamKey(team_id=own):
            return team_id == own
        case Service(platform_type=platform_type):
            return team_id.is_(None) & _of_type(platform, platform_type)


def _of_type(platform: InstrumentedAttribute[str], platform_type: PlatformType) -> ColumnElement[bool]:
    # The same rule as domain.platform.platform_type_of_name.
    is_public = func.lower(platform) == PUBLIC_PLATFORM
    return is_public if platform_type is PlatformType.PUBLIC else ~is_public
