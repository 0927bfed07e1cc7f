"""Quotas and what was used of them."""

from datetime import datetime
from typing import Self

import strawberry

from domain import quota
from domain.quota import QuotaPeriods, Used
from schema.context import Info
from schema.loaders import OfParent
from schema.scalars import as_int


@strawberry.type(description="A quota of a day or a month, by UTC, and what was used of it.")
class QuotaWindow:
    """A quota and what was used of it."""

    limit: int | None = strawberry.field(description="Requests allowed in the window; null: unlimited.")
    used: int = strawberry.field(
        description="Successful requests since the window began (UTC midnight; the first of the month), exact to the "
        "last one recorded, whoever recorded it."
    )
    remaining: int | None = strawberry.field(description="Requests left in the window; null: unlimited.")
    resets_at: datetime = strawberry.field(description="When the window ends and the next one begins.")

    @classmethod
    def from_domain(cls, window: quota.QuotaWindow) -> Self:
        """Build the type from the domain's window."""
        return cls(
            limit=window.limit,
            used=as_int(window.used),
            remaining=None if window.remaining is None else as_int(window.remaining),
            resets_at=window.resets_at,
        )


@strawberry.type(description="The quotas of a team or of a key. Only successful requests count.")
class QuotaStatus:
    """The quotas of a team or of a key."""

    daily: QuotaWindow = strawberry.field(description="Today's window, by UTC.")
    monthly: QuotaWindow = strawberry.field(description="This month's window, by UTC.")

    @classmethod
    def from_domain(cls, status: quota.QuotaStatus) -> Self:
        """Build the type from the domain's status."""
        return cls(daily=QuotaWindow.from_domain(status.daily), monthly=QuotaWindow.from_domain(status.monthly))


async def team_quota(info: Info, team_id: int, limits: quota.QuotaLimits, periods: QuotaPeriods) -> quota.QuotaStatus:
    """Give what a team may use and has used."""
    used = await info.context.loaders.used_by_team.load(OfParent(team_id, periods))
    return quota.quota_status(limits, used, periods)


async def key_quota(
    info: Info, api_key_id: int, limits: quota.QuotaLimits, team: quota.QuotaStatus, periods: QuotaPeriods
) -> quota.QuotaStatus:
    """Give what a key may use and has used: in each window its own quota, or where it has none, its team's."""
    if limits == quota.QuotaLimits():
        return team
    used: Used = await info.context.loaders.used_by_key.load(OfParent(api_key_id, periods))
    return quota.quota_status_of_key(limits, used, team, periods)
