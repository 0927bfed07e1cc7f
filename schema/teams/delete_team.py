"""Deleting a team."""

from typing import Annotated

import strawberry

from db.commands import delete_team as command
from domain.viewer import require_admin
from schema.absent import or_none
from schema.context import Info
from schema.errors import RevisionConflict, TeamHasActiveApiKeys, TeamNotFound
from schema.teams.team import named_team
from schema.teams.update_team import EXPECTED_REVISION


@strawberry.input(
    description="A team to be deleted, with its keys, sessions, messages and usage. Its trail stays. Deactivate a team "
    "in use first, so that nobody is writing for it: the deletion waits for whoever is, for seconds at most."
)
class DeleteTeamInput:
    """A team to be deleted."""

    id: strawberry.ID = strawberry.field(description="The team.")
    expected_revision: int | None = strawberry.field(default=strawberry.UNSET, description=EXPECTED_REVISION)
    force: bool = strawberry.field(
        default=False, description="Delete although keys are active, with all that hangs on the team."
    )


@strawberry.type(description="The team is gone.")
class DeleteTeamSuccess:
    """The team is gone."""

    deleted_team_id: strawberry.ID = strawberry.field(description="The id that the team had.")


DeleteTeamResult = Annotated[
    DeleteTeamSuccess | TeamNotFound | TeamHasActiveApiKeys | RevisionConflict,
    strawberry.union("DeleteTeamResult", description="What came of deleting a team."),
]


async def delete_team(
    info: Info,
    wanted: Annotated[DeleteTeamInput, strawberry.argument(name="input", description="The team to delete.")],
) -> DeleteTeamResult:
    """Delete a team."""
    actor = require_admin(info.context.viewer).name
    row_id = named_team(wanted.id)
    await info.context.change(
        lambda transaction: command.delete_team(
            transaction,
            row_id,
            expected_revision=or_none(wanted.expected_revision),
            force=wanted.force,
            actor=actor,
        )
    )
    return DeleteTeamSuccess(deleted_team_id=wanted.id)
