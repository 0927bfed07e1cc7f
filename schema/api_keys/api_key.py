"""API keys."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from db.rows import ApiKeyRow
from domain.errors import ApiKeyNotFound
from domain.quota import QuotaLimits, QuotaPeriods
from schema.context import Info
from schema.cost_directives import cost
from schema.node import Node, global_id
from schema.usage.quota import QuotaStatus, key_quota, team_quota

if TYPE_CHECKING:
    from schema.teams.team import Team

LazyTeam = Annotated["Team", strawberry.lazy("schema.teams.team")]


@strawberry.type(description="A key by which a team's runtime or front end calls this API. The key itself is not kept.")
class ApiKey(Node):
    """A key of a team."""

    row_id: strawberry.Private[int]
    team_row_id: strawberry.Private[int]
    name: str = strawberry.field(description="What the key is for, in its owner's words.")
    prefix: str = strawberry.field(description="The first 12 characters of the key, enough to tell keys apart.")
    description: str | None = strawberry.field(
        description="More about the key, where somebody wrote it down.", directives=[cost(4)]
    )
    monthly_quota: int | None = strawberry.field(
        description="Requests a month by this key; null: the team's quota holds."
    )
    daily_quota: int | None = strawberry.field(description="Requests a day by this key; null: the team's quota holds.")
    is_active: bool = strawberry.field(
        description="False once the key was revoked. An expired key may still be active."
    )
    created_by: str | None = strawberry.field(
        description="The administrator who issued it; null on keys older than that record."
    )
    created_at: datetime = strawberry.field(description="When the key was issued.")
    last_used_at: datetime | None = strawberry.field(
        description="When the key was last used, to the minute; null: never, as far as is known."
    )
    expires_at: datetime | None = strawberry.field(description="When the key stops working; null: it does not expire.")

    @strawberry.field(description="The team that the key belongs to.")
    async def team(self, info: Info) -> LazyTeam:
        """Load the team."""
        from schema.teams.team import load_team  # noqa: PLC0415 - the two types refer to each other

        return await load_team(info, self.team_row_id)  # type: ignore[return-value] # a key is seen only with its team

    @strawberry.field(
        description="The quota that holds for the key: in each window its own, counting its own requests, or where it "
        "has none, the team's, counting those of the whole team.",
        directives=[cost(5)],
    )
    async def quota(self, info: Info) -> QuotaStatus:
        """Load what was used."""
        from schema.teams.team import load_team  # noqa: PLC0415 - the two types refer to each other

        team = await load_team(info, self.team_row_id)
        periods = QuotaPeriods.at(info.context.now)
        of_team = await team_quota(info, self.team_row_id, team.quota_limits if team else QuotaLimits(), periods)
        limits = QuotaLimits(self.daily_quota, self.monthly_quota)
        return QuotaStatus.from_domain(await key_quota(info, self.row_id, limits, of_team, periods))

    @classmethod
    def from_row(cls, row: ApiKeyRow) -> Self:
        """Build the type from its row."""
        api_key = cls.__new__(cls)
        api_key.id = global_id(cls.__name__, row.id)
        api_key.row_id = row.id
        api_key.team_row_id = row.team_id
        api_key.name = row.name
        api_key.prefix = row.key_prefix
        api_key.description = row.description
        api_key.monthly_quota = row.monthly_quota
        api_key.daily_quota = row.daily_quota
        api_key.is_active = row.is_active
        api_key.created_by = row.created_by
        api_key.created_at = row.created_at
        api_key.last_used_at = row.last_used_at
        api_key.expires_at = row.expires_at
        return api_key


def named_api_key(node_id: strawberry.ID) -> int:
    """Give the row that a mutation's key id names.

    Raises:
        ApiKeyNotFound: it is no id of a key.
    """
    return ApiKey.named_row(node_id, ApiKeyNotFound)


@strawberry.type(description="A key that was just issued: the one time that its secret is shown.")
class IssuedApiKey:
    """A key with its secret."""

    api_key: ApiKey = strawberry.field(description="The key as it is listed from now on, without its secret.")
    secret: str = strawberry.field(description="The key itself. It cannot be shown again: store it now.")
    warning: str = strawberry.field(description="What to tell whoever reads the secret.")

    @classmethod
    def issued(cls, row: ApiKeyRow, secret: str) -> Self:
        """Show a new key with its secret."""
        return cls(
            api_key=ApiKey.from_row(row),
            secret=secret,
            warning="Store this key now: only its hash is kept, so it cannot be shown again.",
        )
