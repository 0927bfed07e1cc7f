"""Creating a team with its first API key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.commands.issue_api_key import add_api_key
from db.commands.trail import record_creation, stored_form
from domain.config.settings_table import SETTINGS

if TYPE_CHECKING:
    from db.rows import ApiKeyRow, TeamRow
    from db.transaction import Transaction
    from domain.api_key import NewApiKey
    from domain.team import NewTeam

FIRST_KEY_NAME = "First key"


async def create_team(
    transaction: Transaction, new: NewTeam, key: NewApiKey, *, actor: str
) -> tuple[TeamRow, ApiKeyRow]:
    """Create a team and the key by which it begins.

    Raises:
        PlatformNameTaken, DisplayNameTaken: another team bears the name.
    """
    team = await record_creation(transaction, columns_of(new), actor=actor)
    return team, await add_api_key(transaction, key, team_id=team.id, name=FIRST_KEY_NAME, actor=actor)


def columns_of(new: NewTeam) -> dict[str, Any]:
    """Give what the columns of a new team hold, but for those with a default."""
    return {
        "display_name": new.display_name,
        "platform_name": new.platform_name,
        "platform_type": stored_form(new.platform_type),
        "monthly_quota": new.monthly_quota,
        "daily_quota": new.daily_quota,
        **{setting.name: stored_form(new.overrides[setting]) for setting in SETTINGS},
    }
