"""Finding teams."""

import enum
from typing import Annotated

import strawberry

from db.paging import Order
from db.queries import teams
from domain.platform import PlatformType
from domain.text import is_nameable
from schema.absent import or_none
from schema.context import Info
from schema.enums import ConfigSetting, OrderDirection, setting_of
from schema.pagination import After, Before, Connection, First, Last, Ordering, connection, requested_page
from schema.teams.team import Team, load_team
from schema.user_input import BadUserInput


@strawberry.input(one_of=True, description="What a team is found by: exactly one of these.")
class TeamBy:
    """What a team is found by."""

    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="The global id.")
    platform_name: str | None = strawberry.field(default=strawberry.UNSET, description="The exact platform name.")
    display_name: str | None = strawberry.field(default=strawberry.UNSET, description="The exact display name.")


@strawberry.input(
    description="Which teams. A field that is left out or null does not restrict; all that are given have to hold."
)
class TeamFilter:
    """Which teams."""

    platform_type: PlatformType | None = strawberry.field(
        default=strawberry.UNSET, description="Of this platform type."
    )
    is_active: bool | None = strawberry.field(default=strawberry.UNSET, description="Active or inactive ones.")
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Part of the display name or the platform name, in any case."
    )
    overrides: list[ConfigSetting] | None = strawberry.field(
        default=strawberry.UNSET, description="Teams that override every setting named."
    )

    def stored(self) -> teams.TeamFilter:
        """Give the filter of the database.

        Raises:
            BadUserInput: text that no name can hold.
        """
        if self.search and not is_nameable(self.search):
            raise BadUserInput("`filter.search` is longer than any name, or holds characters that cannot be stored.")
        return teams.TeamFilter(
            platform_type=or_none(self.platform_type),
            is_active=or_none(self.is_active),
            search=self.search or None,
            overrides=tuple(setting_of(value) for value in self.overrides or ()),
        )


@strawberry.enum(description="What teams can be ordered by.")
class TeamOrderField(enum.Enum):
    """What teams can be ordered by; the values are the columns, each with the id to settle ties."""

    DISPLAY_NAME = strawberry.enum_value("display_name", description="The display name.")
    PLATFORM_NAME = strawberry.enum_value("platform_name", description="The platform name.")
    CREATED_AT = strawberry.enum_value("created_at", description="When the team was created.")
    UPDATED_AT = strawberry.enum_value("updated_at", description="When the team last changed.")


_COLUMNS = {
    TeamOrderField.DISPLAY_NAME: teams.BY_DISPLAY_NAME,
    TeamOrderField.PLATFORM_NAME: teams.BY_PLATFORM_NAME,
    TeamOrderField.CREATED_AT: teams.BY_CREATED_AT,
    TeamOrderField.UPDATED_AT: teams.BY_UPDATED_AT,
}


@strawberry.input(description="The order of a list of teams. Ties are settled by age.")
class TeamOrder:
    """The order of a list of teams."""

    field: TeamOrderField = strawberry.field(default=TeamOrderField.DISPLAY_NAME, description="What to order by.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description="In which direction.")

    def ordering(self) -> Ordering:
        """Give the order with the name that its cursors carry."""
        return Ordering(
            f"teams.{self.field.name}.{self.direction.name}",
            Order(_COLUMNS[self.field], descending=self.direction is OrderDirection.DESC),
        )


async def team(
    info: Info, by: Annotated[TeamBy, strawberry.argument(description="What the team is found by.")]
) -> Team | None:
    """Find a team; None where the viewer may see none such."""
    loaders = info.context.loaders
    if (node_id := or_none(by.id)) is not None:
        row_id = Team.row_id_of(node_id)
        return None if row_id is None else await load_team(info, row_id)
    if (platform_name := or_none(by.platform_name)) is not None:
        row = await loaders.team_by_platform_name.load(platform_name)
    elif (display_name := or_none(by.display_name)) is not None:
        row = await loaders.team_by_display_name.load(display_name)
    else:
        raise BadUserInput("`by` has to name one of id, platformName and displayName.")
    return None if row is None else Team.from_row(row)


async def list_teams(
    info: Info,
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
    last: Last = strawberry.UNSET,
    before: Before = strawberry.UNSET,
    team_filter: Annotated[
        TeamFilter | None, strawberry.argument(name="filter", description="Which teams; all where left out.")
    ] = strawberry.UNSET,
    order_by: Annotated[
        TeamOrder | None, strawberry.argument(description="In which order; by display name where left out.")
    ] = strawberry.UNSET,
) -> Connection[Team]:
    """List the teams that the viewer may see."""
    ordering = (order_by or TeamOrder()).ordering()
    wanted = requested_page(ordering, first=first, after=after, last=last, before=before)
    restriction = team_filter.stored() if team_filter else teams.TeamFilter()
    context = info.context
    page = await teams.page(context.database, context.viewer, restriction, ordering.order, wanted)
    return connection(
        page,
        ordering,
        Team.from_row,
        lambda: teams.count(context.database, context.viewer, restriction),
    )
