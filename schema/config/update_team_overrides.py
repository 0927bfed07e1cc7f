"""Changing a team's overrides."""

from typing import Annotated

import strawberry

from db.commands import update_team_overrides as command
from domain.team import overrides_change
from domain.viewer import require_admin
from schema.absent import or_none
from schema.config.overrides import ConfigOverridesInput
from schema.context import Info
from schema.errors import InvalidInput, ModelNotAvailable, RevisionConflict, TeamNotFound
from schema.teams.team import Team, named_team
from schema.teams.update_team import EXPECTED_REVISION


@strawberry.input(description="A change of a team's overrides.")
class UpdateTeamOverridesInput:
    """A change of a team's overrides."""

    id: strawberry.ID = strawberry.field(description="The team.")
    expected_revision: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_REVISION)
    overrides: ConfigOverridesInput = strawberry.field(
        description="What changes; judged by the configuration that results."
    )


@strawberry.type(description="The overrides were changed, or were already as asked for.")
class UpdateTeamOverridesSuccess:
    """The overrides were changed."""

    team: Team = strawberry.field(description="The team as it is now.")


UpdateTeamOverridesResult = Annotated[
    UpdateTeamOverridesSuccess | InvalidInput | TeamNotFound | RevisionConflict | ModelNotAvailable,
    strawberry.union("UpdateTeamOverridesResult", description="What came of changing a team's overrides."),
]


async def update_team_overrides(
    info: Info,
    wanted: Annotated[UpdateTeamOverridesInput, strawberry.argument(name="input", description="The change.")],
) -> UpdateTeamOverridesResult:
    """Change a team's overrides."""
    actor = require_admin(info.context.viewer).name
    change = overrides_change(wanted.overrides.to_domain())
    row_id = named_team(wanted.id)
    team = await info.context.change(
        lambda transaction: command.update_team_overrides(
            transaction,
            row_id,
            change,
            expected_revision=or_none(wanted.expected_revision),
            defaults=info.context.rules.defaults,
            actor=actor,
        )
    )
    return UpdateTeamOverridesSuccess(team=Team.from_row(team))
