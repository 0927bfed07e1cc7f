"""Reading usage, from the totals that the database keeps: the cost does not depend on how many logs there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Float, Integer, Select, cast, func, select, tuple_

from db.among import among
from db.models import ApiKey, UsageTotal
from db.visibility import visible_usage
from domain.quota import QuotaPeriods, Used

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import InstrumentedAttribute

    from db.database import ReadSession
    from domain.usage_period import UsagePeriod
    from domain.viewer import Viewer

NO_TEAM = 0
"""What totals name in the place of a team where there is none."""


class Sums(NamedTuple):
    """What usage adds up to. `response_ms` is over those `responses` whose time is known."""

    requests: int = 0
    successes: int = 0
    tokens: int = 0
    estimated_cost: float = 0.0
    response_ms: int = 0
    responses: int = 0


@dataclass(slots=True)
class TeamUsage:
    """A team's usage in a period: as a whole, and by day and by model where there was any."""

    total: Sums = field(default_factory=Sums)
    by_day: dict[date, Sums] = field(default_factory=dict)
    by_model: dict[str, Sums] = field(default_factory=dict)


def within(periods: QuotaPeriods, *conditions: ColumnElement[bool]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Give the sums of successful requests of a day and of its month, over those totals that meet the conditions."""
    successes = func.sum(UsageTotal.successes)
    daily = successes.filter(UsageTotal.day == periods.day, *conditions)
    monthly = successes.filter(*conditions) if conditions else successes
    return func.coalesce(daily, 0), func.coalesce(monthly, 0)


def in_month(periods: QuotaPeriods) -> ColumnElement[bool]:
    """The condition that a total is of the month."""
    return (UsageTotal.day >= periods.month) & (UsageTotal.day < periods.next_month)


async def used_by_teams(
    session: ReadSession, viewer: Viewer, team_ids: Sequence[int], periods: QuotaPeriods
) -> dict[int, Used]:
    """Count what each team used of its quotas."""
    return await _used(session, viewer, UsageTotal.team_id, team_ids, periods)


async def used_by_keys(
    session: ReadSession, viewer: Viewer, api_key_ids: Sequence[int], periods: QuotaPeriods
) -> dict[int, Used]:
    """Count what each key used of its quotas, for its own team."""
    rows = await session.execute(
        _used_in_month(periods, ApiKey.id)
        # By the team first, as the totals are indexed.
        .join(ApiKey, (ApiKey.team_id == UsageTotal.team_id) & (ApiKey.id == UsageTotal.api_key_id))
        .where(among(ApiKey.id, api_key_ids), visible_usage(viewer))
    )
    return _by_parent(rows.all(), api_key_ids)


async def used_by_platforms(
    session: ReadSession, viewer: Viewer, platforms: Sequence[str], periods: QuotaPeriods
) -> dict[str, Used]:
    """Count the successful requests on each platform by sessions that belong to no team."""
    return await _used(session, viewer, UsageTotal.platform, platforms, periods, UsageTotal.team_id == NO_TEAM)


async def by_teams(
    session: ReadSession, viewer: Viewer, team_ids: Sequence[int], period: UsagePeriod
) -> dict[int, TeamUsage]:
    """Sum up what each team used in a period."""
    team, day, model = UsageTotal.team_id, UsageTotal.day, UsageTotal.model
    rows = await session.execute(
        select(
            team,
            # 0 where the row is of this day alone, or of this model alone.
            cast(func.grouping(day), Integer),
            cast(func.grouping(model), Integer),
            day,
            model,
            *(func.sum(column) for column in (UsageTotal.requests, UsageTotal.successes, UsageTotal.tokens)),
            cast(func.sum(UsageTotal.estimated_cost), Float),
            *(func.sum(column) for column in (UsageTotal.response_ms, UsageTotal.responses)),
        )
        .where(among(team, team_ids), day >= period.first, day < period.end, visible_usage(viewer))
        .group_by(func.grouping_sets(tuple_(team), tuple_(team, day), tuple_(team, model)))
    )
    usage = {team_id: TeamUsage() for team_id in team_ids}
    for team_id, over_days, over_models, of_day, of_model, requests, successes, tokens, cost, ms, responses in rows:
        sums = Sums(int(requests), int(successes), int(tokens), cost, int(ms), int(responses))
        if not any(sums):
            # The totals of logs that were deleted or given another model stay, and add up to nothing.
            continue
        if not over_days:
            usage[team_id].by_day[of_day] = sums
        elif not over_models:
            usage[team_id].by_model[of_model] = sums
        else:
            usage[team_id].total = sums
    return usage


async def _used(
    session: ReadSession,
    viewer: Viewer,
    column: InstrumentedAttribute[Any],
    values: Sequence[Any],
    periods: QuotaPeriods,
    *conditions: ColumnElement[bool],
) -> dict[Any, Used]:
    rows = await session.execute(
        _used_in_month(periods, column).where(among(column, values), visible_usage(viewer), *conditions)
    )
    return _by_parent(rows.all(), values)


def _used_in_month(periods: QuotaPeriods, column: InstrumentedAttribute[Any]) -> Select[Any]:
    return select(column, *within(periods)).select_from(UsageTotal).where(in_month(periods)).group_by(column)


def _by_parent(rows: Sequence[Any], parents: Sequence[Any]) -> dict[Any, Used]:
    used = {parent: Used(int(daily), int(monthly)) for parent, daily, monthly in rows}
    return {parent: used.get(parent, Used()) for parent in parents}
