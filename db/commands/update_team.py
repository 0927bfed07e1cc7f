"""Changing a team's own fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.commands.trail import lock_team, record_change
from domain.config.validation import require_consistent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from db.rows import TeamRow
    from db.transaction import Transaction
    from domain.config.defaults import PlatformDefaults
    from domain.platform import PlatformType
    from domain.team import TeamChange


async def update_team(
    transaction: Transaction,
    team_id: int,
    change: TeamChange,
    *,
    expected_revision: int | None,
    defaults: Mapping[PlatformType, PlatformDefaults],
    actor: str,
) -> TeamRow:
    """Apply a checked change to a team.

    Raises:
        TeamNotFound, RevisionConflict, DisplayNameTaken: see their names.
        ModelNotAvailable: under the new platform type's defaults, the team's default model would not be available.
        InvalidInput: what the team stores already breaks a bound.
    """
    team = await lock_team(transaction, team_id, expected_revision)
    new_type = change.get("platform_type", team.row.platform_type)
    if new_type is not team.row.platform_type:
        require_consistent(defaults[new_type], team.row.overrides, path=("platformType",), named_in_path=False)
    return await record_change(transaction, team, change, actor=actor, action="updateTeam")
