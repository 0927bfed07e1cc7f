"""Changing a team's overrides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.commands.trail import lock_team, record_change
from domain.config.validation import require_consistent
from domain.team import OVERRIDES_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from db.rows import TeamRow
    from db.transaction import Transaction
    from domain.config.defaults import PlatformDefaults
    from domain.config.overrides import OverridesChange
    from domain.platform import PlatformType


async def update_team_overrides(
    transaction: Transaction,
    team_id: int,
    change: OverridesChange,
    *,
    expected_revision: int | None,
    defaults: Mapping[PlatformType, PlatformDefaults],
    actor: str,
) -> TeamRow:
    """Apply a checked change to a team's overrides, judged by the configuration that results.

    Raises:
        TeamNotFound, RevisionConflict: see their names.
        ModelNotAvailable: the default model would not be one of the available models.
        InvalidInput: a value that the team stores already, and the change leaves, breaks its bounds.
    """
    team = await lock_team(transaction, team_id, expected_revision)
    result = team.row.overrides.changed(change)
    require_consistent(defaults[team.row.platform_type], result, path=(OVERRIDES_PATH,))
    values = {setting.name: value for setting, value in change.items()}
    return await record_change(transaction, team, values, actor=actor, action="updateTeamOverrides")
