"""Creating a team with its first API key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.commands.issue_api_key import add_api_key
from db.commands.trail import record_creation, stored_form
from db.models import ApiKey, Team
from domain.config.settings_table import SETTINGS

if TYPE_CHECKING:
    from db.database import WriteSession
    from domain.api_key import NewApiKey
    from domain.team import NewTeam

FIRST_KEY_NAME = "First key"


async def create_team(session: WriteSession, new: NewTeam, key: NewApiKey, *, actor: str) -> tuple[Team, ApiKey]:
    """Create a team and the key by which it begins.

    Raises:
        PlatformNameTaken, DisplayNameTaken: another team bears the name.
    """
    team = team_row(new)
    await record_creation(session, team, actor=actor)
    return team, await add_api_key(session, key, team_id=team.id, name=FIRST_KEY_NAME, actor=actor)


def team_row(new: NewTeam, **columns: object) -> Team:
    """Make the row of a new team; `columns` are values beyond those that a new team has."""
    return Team(
        display_name=new.display_name,
        platform_name=new.platform_name,
        stored_platform_type=stored_form(new.platform_type),
        monthly_quota=new.monthly_quota,
        daily_quota=new.daily_quota,
        **{setting.name: stored_form(new.overrides[setting]) for setting in SETTINGS},
        **columns,
    )
