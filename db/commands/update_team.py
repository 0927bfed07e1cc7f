"""Changing a team's own fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.commands.trail import lock_team, record_change
from domain.config.validation import require_consistent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from db.database import WriteSession
    from db.models import Team
    from domain.config.defaults import PlatformDefaults
    from domain.platform import PlatformType
    from domain.team import TeamChange


async def update_team(
    session: WriteSession,
    team_id: int,
    change: TeamChange,
    *,
    expected_revision: int | None,
    defaults: Mapping[PlatformType, PlatformDefaults],
    actor: str,
) -> Team:
    """Apply a checked change to a team.

    Raises:
        TeamNotFound, RevisionConflict, DisplayNameTaken: see their names.
        ModelNotAvailable: under the new platform type's defaults, the team's default model would not be available.
        InvalidInput: what the team stores already breaks a bound.
    """
    team = await lock_team(session, team_id, expected_revision)
    new_type = change.get("platform_type", team.platform_type)
    if new_type is not team.platform_type:
        require_consistent(defaults[new_type], team.overrides, path=("platformType",), named_in_path=False)
    await record_change(session, team, change, actor=actor, action="updateTeam")
    return team
