"""Creating a team."""

from typing import Annotated

import strawberry

from db.commands import create_team as command
from domain.api_key import new_api_key
from domain.platform import PlatformType
from domain.team import new_team
from domain.viewer import require_admin
from schema.absent import or_none
from schema.api_keys.api_key import IssuedApiKey
from schema.config.overrides import ConfigOverridesInput
from schema.context import Info
from schema.errors import DisplayNameTaken, InvalidInput, ModelNotAvailable, PlatformNameTaken
from schema.teams.team import Team


@strawberry.input(description="A team to be created.")
class CreateTeamInput:
    """A team to be created."""

    display_name: str = strawberry.field(description="1 to 255 characters after trimming. Unique.")
    platform_name: str = strawberry.field(
        description="The name by which runtimes know the platform: 1 to 255 characters after trimming. Unique, and "
        "fixed from now on."
    )
    platform_type: PlatformType = strawberry.field(
        default=PlatformType.PRIVATE, description="Which defaults the team inherits."
    )
    monthly_quota: int | None = strawberry.field(
        default=strawberry.UNSET, description="Requests a month, 0 or more; null or left out: unlimited."
    )
    daily_quota: int | None = strawberry.field(
        default=strawberry.UNSET, description="Requests a day, 0 or more; null or left out: unlimited."
    )
    overrides: ConfigOverridesInput | None = strawberry.field(
        default=strawberry.UNSET, description="What the team overrides; left out or null: nothing."
    )


@strawberry.type(description="The team was created.")
class CreateTeamSuccess:
    """The team was created."""

    team: Team = strawberry.field(description="The new team.")
    issued_api_key: IssuedApiKey = strawberry.field(description="The team's first key, with its secret.")


CreateTeamResult = Annotated[
    CreateTeamSuccess | InvalidInput | PlatformNameTaken | DisplayNameTaken | ModelNotAvailable,
    strawberry.union("CreateTeamResult", description="What came of creating a team."),
]


async def create_team(
    info: Info,
    wanted: Annotated[CreateTeamInput, strawberry.argument(name="input", description="The team to create.")],
) -> CreateTeamResult:
    """Create a team with its first key."""
    actor = require_admin(info.context.viewer).name
    new = new_team(
        display_name=wanted.display_name,
        platform_name=wanted.platform_name,
        defaults=info.context.rules.defaults[wanted.platform_type],
        monthly_quota=or_none(wanted.monthly_quota),
        daily_quota=or_none(wanted.daily_quota),
        overrides=wanted.overrides.to_domain() if wanted.overrides else {},
    )
    key = new_api_key()
    team, api_key = await info.context.change(
        lambda transaction: command.create_team(transaction, new, key, actor=actor)
    )
    return CreateTeamSuccess(team=Team.from_row(team), issued_api_key=IssuedApiKey.issued(api_key, key.secret))
