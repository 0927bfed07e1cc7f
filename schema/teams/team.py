"""The team."""

import functools
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from db.queries import api_keys as api_key_queries
from db.rows import TeamRow
from domain.config import merge
from domain.config.overrides import ConfigOverrides as StoredOverrides
from domain.config.platform_config import TeamLayer, platform_config
from domain.errors import TeamNotFound
from domain.platform import PlatformType
from domain.quota import QuotaLimits, QuotaPeriods
from schema.config.effective_config import EffectiveConfig
from schema.config.overrides import ConfigOverrides
from schema.context import Info
from schema.cost_directives import cost
from schema.loaders import OfParent, SessionsWanted
from schema.node import Node, global_id
from schema.pagination import (
    PAGE_FORWARD,
    PAGE_SIZE_DEFAULT,
    After,
    Connection,
    First,
    Ordering,
    connection,
    requested_page,
)
from schema.sessions.filter import LATEST_FIRST, SessionFilter, stored_filter
from schema.usage.quota import QuotaStatus, team_quota
from schema.usage.summary import From, To, UsageSummary, requested_period

if TYPE_CHECKING:
    from schema.api_keys.api_key import ApiKey
    from schema.sessions.session import Session

LazyApiKey = Annotated["ApiKey", strawberry.lazy("schema.api_keys.api_key")]
LazySession = Annotated["Session", strawberry.lazy("schema.sessions.session")]

NEWEST_KEY_FIRST = Ordering("apiKeys", api_key_queries.NEWEST_FIRST)


@strawberry.type(
    description="One integration of the platform: a Telegram bot, a customer's messenger. It inherits the defaults of "
    "its platform type and overrides only what it needs."
)
class Team(Node):
    """One integration of the platform."""

    row_id: strawberry.Private[int]
    stored_overrides: strawberry.Private[StoredOverrides]
    display_name: str = strawberry.field(description="The name people see. Unique.")
    platform_name: str = strawberry.field(
        description="The name by which runtimes know the platform. Unique; fixed at creation."
    )
    platform_type: PlatformType = strawberry.field(description="Which defaults the team inherits.")
    monthly_quota: int | None = strawberry.field(description="Requests a month; null: unlimited.")
    daily_quota: int | None = strawberry.field(description="Requests a day; null: unlimited.")
    is_active: bool = strawberry.field(
        description="Whether the team's keys work; a key of an inactive team is refused."
    )
    revision: int = strawberry.field(
        description="Grows by one with each change to the team or its overrides. Send it back as expectedRevision to "
        "be told when somebody else was faster."
    )
    created_at: datetime = strawberry.field(description="When the team was created.")
    updated_at: datetime = strawberry.field(description="When the team or its overrides last changed.")

    @strawberry.field(description="The team's own layer of configuration.")
    def overrides(self) -> ConfigOverrides:
        """Show the stored layer."""
        return ConfigOverrides.from_domain(self.stored_overrides)

    @strawberry.field(description="What runtimes obey: today's defaults with the team's overrides applied.")
    def effective_config(self, info: Info) -> EffectiveConfig:
        """Merge."""
        return EffectiveConfig.from_domain(info.context.effective_config(self.platform_type, self.stored_overrides))

    @strawberry.field(description="The team's API keys, newest first, revoked ones included.", directives=PAGE_FORWARD)
    async def api_keys(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = strawberry.UNSET
    ) -> Connection[LazyApiKey]:
        """Load a page of keys."""
        loaders = info.context.loaders
        page = requested_page(NEWEST_KEY_FIRST, first=first, after=after)
        keys = await loaders.api_keys_by_team.load(OfParent(self.row_id, page))
        return connection(
            keys,
            NEWEST_KEY_FIRST,
            _api_key_type().from_row,
            lambda: loaders.api_key_count_by_team.load(OfParent(self.row_id, None)),
        )

    @strawberry.field(description="The team's sessions, most recently active first.", directives=PAGE_FORWARD)
    async def sessions(
        self,
        info: Info,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = strawberry.UNSET,
        session_filter: Annotated[
            SessionFilter | None, strawberry.argument(name="filter", description="Which sessions; all where left out.")
        ] = strawberry.UNSET,
    ) -> Connection[LazySession]:
        """Load a page of sessions."""
        loaders = info.context.loaders
        page = requested_page(LATEST_FIRST, first=first, after=after)
        wanted = stored_filter(session_filter, info.context)
        rows = await loaders.sessions_by_team.load(OfParent(self.row_id, SessionsWanted(wanted, page)))
        return connection(
            rows,
            LATEST_FIRST,
            _session_type().from_row,
            lambda: loaders.session_count_by_team.load(OfParent(self.row_id, wanted)),
        )

    @strawberry.field(
        description="What the team may use and has used. Keys with a quota of their own count here too, and are held "
        "to theirs.",
        directives=[cost(5)],
    )
    async def quota(self, info: Info) -> QuotaStatus:
        """Load what was used."""
        periods = QuotaPeriods.at(info.context.now)
        return QuotaStatus.from_domain(await team_quota(info, self.row_id, self.quota_limits, periods))

    @strawberry.field(
        description="What the team used, by UTC day and by model: in the last 30 days, today included, where no period "
        "is given.",
        directives=[cost(10)],
    )
    async def usage(self, info: Info, begin: From = strawberry.UNSET, end: To = strawberry.UNSET) -> UsageSummary:
        """Load the sums of the period."""
        period = requested_period(begin, end, info.context.now)
        usage = await info.context.loaders.usage_by_team.load(OfParent(self.row_id, period))
        return UsageSummary.from_domain(usage, self.row_id, period)

    @property
    def quota_limits(self) -> QuotaLimits:
        """The team's quotas."""
        return QuotaLimits(self.daily_quota, self.monthly_quota)

    @classmethod
    def from_row(cls, row: TeamRow) -> Self:
        """Build the type from its row."""
        team = cls.__new__(cls)
        team.id = global_id(cls.__name__, row.id)
        team.row_id = row.id
        team.stored_overrides = row.overrides
        team.display_name = row.display_name
        team.platform_name = row.platform_name
        team.platform_type = row.platform_type
        team.monthly_quota = row.monthly_quota
        team.daily_quota = row.daily_quota
        team.is_active = row.is_active
        team.revision = row.revision
        team.created_at = row.created_at
        team.updated_at = row.updated_at
        return team


# Both are kept: to import what is imported already takes as long as to read the arguments of a page.
@functools.cache
def _api_key_type() -> type["ApiKey"]:
    from schema.api_keys.api_key import ApiKey  # noqa: PLC0415 - the two types refer to each other

    return ApiKey


@functools.cache
def _session_type() -> type["Session"]:
    from schema.sessions.session import Session  # noqa: PLC0415 - the two types refer to each other

    return Session


def named_team(node_id: strawberry.ID) -> int:
    """Give the row that a mutation's team id names.

    Raises:
        TeamNotFound: it is no id of a team.
    """
    return Team.named_row(node_id, TeamNotFound)


async def load_team(info: Info, row_id: int) -> Team | None:
    """Load a team by its row's id; None where there is none that the viewer may see."""
    row = await info.context.loaders.team_by_id.load(row_id)
    return None if row is None else Team.from_row(row)


def merged_config(info: Info, team: Team | None, platform: str) -> merge.EffectiveConfig:
    """Give what a platform obeys: its team's configuration, or where it has no team, that of its name."""
    layer = None if team is None else TeamLayer(team.platform_type, team.stored_overrides)
    return platform_config(info.context.rules.defaults, layer, platform)
