"""Changing a team's own fields."""

from typing import Annotated

import strawberry

from db.commands import update_team as command
from domain.platform import PlatformType
from domain.team import TeamChange, team_change
from domain.viewer import require_admin
from schema.absent import or_none
from schema.context import Info
from schema.errors import DisplayNameTaken, InvalidInput, ModelNotAvailable, RevisionConflict, TeamNotFound
from schema.teams.team import Team, named_team

EXPECTED_REVISION = "Where given, the change is refused unless the team still has this revision."


@strawberry.input(
    description="A change of a team's own fields. Absent: leave as it is. null: clear, where the field may be null."
)
class UpdateTeamInput:
    """A change of a team's own fields."""

    id: strawberry.ID = strawberry.field(description="The team.")
    expected_revision: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_REVISION)
    display_name: strawberry.Maybe[str | None] = strawberry.field(
        description="1 to 255 characters after trimming. Unique. Cannot be null."
    )
    platform_type: strawberry.Maybe[PlatformType | None] = strawberry.field(
        description="Which defaults the team inherits. Cannot be null."
    )
    monthly_quota: strawberry.Maybe[int | None] = strawberry.field(
        description="Requests a month, 0 or more; null: unlimited."
    )
    daily_quota: strawberry.Maybe[int | None] = strawberry.field(
        description="Requests a day, 0 or more; null: unlimited."
    )
    is_active: strawberry.Maybe[bool | None] = strawberry.field(
        description="Whether the team's keys work. Takes effect with the next request. Cannot be null."
    )

    def to_domain(self) -> TeamChange:
        """Give the change by attributes; those left out are absent from it."""
        return {
            name: given.value
            for name in ("display_name", "platform_type", "monthly_quota", "daily_quota", "is_active")
            if (given := getattr(self, name)) is not None
        }


@strawberry.type(description="The team was changed, or was already as asked for.")
class UpdateTeamSuccess:
    """The team was changed."""

    team: Team = strawberry.field(description="The team as it is now.")


UpdateTeamResult = Annotated[
    UpdateTeamSuccess | InvalidInput | TeamNotFound | DisplayNameTaken | RevisionConflict | ModelNotAvailable,
    strawberry.union("UpdateTeamResult", description="What came of changing a team."),
]


async def update_team(
    info: Info,
    wanted: Annotated[UpdateTeamInput, strawberry.argument(name="input", description="The change.")],
) -> UpdateTeamResult:
    """Change a team's own fields."""
    actor = require_admin(info.context.viewer).name
    change = team_change(wanted.to_domain())
    row_id = named_team(wanted.id)
    team = await info.context.change(
        lambda transaction: command.update_team(
            transaction,
            row_id,
            change,
            expected_revision=or_none(wanted.expected_revision),
            defaults=info.context.rules.defaults,
            actor=actor,
        )
    )
    return UpdateTeamSuccess(team=Team.from_row(team))
