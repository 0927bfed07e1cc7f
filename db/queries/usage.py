"""Reading usage, from the totals that the database keeps: the cost does not depend on how many logs there are."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Float, Integer, Select, cast, collate, func, or_, select, tuple_

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

MODELS_MAXIMUM = 100
"""How many models usage is told of: their names are free text, so nothing else bounds how many there are."""


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
    """A team's usage in a period: as a whole, and by day where there was any."""

    total: Sums = field(default_factory=Sums)
    by_day: dict[date, Sums] = field(default_factory=dict)


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
    team, day = UsageTotal.team_id, UsageTotal.day
    rows = await session.execute(
        # 0 where the row is of this day alone.
        _summed(viewer, team_ids, period, team, cast(func.grouping(day), Integer), day).group_by(
            func.grouping_sets(tuple_(team), tuple_(team, day))
        )
    )
    usage = {team_id: TeamUsage() for team_id in team_ids}
    for team_id, over_days, of_day, *columns in rows:
        if over_days:
            usage[team_id].total = _sums(columns)
        else:
            usage[team_id].by_day[of_day] = _sums(columns)
    return usage


async def models_by_teams(
    session: ReadSession, viewer: Viewer, team_ids: Sequence[int], period: UsagePeriod
) -> dict[int, dict[str, Sums]]:
    """Sum up what each team used of the models of which it made the most requests, in the order of those.

    Models of as many requests are in the order of their names.
    """
    team, model = UsageTotal.team_id, UsageTotal.model
    place = func.row_number().over(
        partition_by=team,
        # "C" is the order in which Python sorts, whatever the database's own is.
        order_by=(func.sum(UsageTotal.requests).desc(), collate(model, "C")),
    )
    placed = (
        _summed(viewer, team_ids, period, team, place.label("place"), model).group_by(team, model).subquery("placed")
    )
    rows = await session.execute(
        select(placed).where(placed.c.place <= MODELS_MAXIMUM).order_by(placed.c.team_id, placed.c.place)
    )
    usage: dict[int, dict[str, Sums]] = {team_id: {} for team_id in team_ids}
    for team_id, _, of_model, *columns in rows:
        usage[team_id][of_model] = _sums(columns)
    return usage


def _summed(
    viewer: Viewer,
    team_ids: Sequence[int],
    period: UsagePeriod,
    *columns: ColumnElement[Any] | InstrumentedAttribute[Any],
) -> Select[Any]:
    """Select columns, and behind them what `_sums` reads: nothing where all of it is zero.

    The totals of logs that were deleted or given another model stay, and add up to nothing.
    """
    # Logs may name costs that together are beyond what a float holds, and the cast would fail.
    largest = Decimal(sys.float_info.max)
    cost = func.greatest(-largest, func.least(largest, func.sum(UsageTotal.estimated_cost)))
    sums: Sequence[ColumnElement[Any]] = (
        *(func.sum(column) for column in (UsageTotal.requests, UsageTotal.successes, UsageTotal.tokens)),
        cast(cost, Float),
        *(func.sum(column) for column in (UsageTotal.response_ms, UsageTotal.responses)),
    )
    return (
        select(*columns, *sums)
        .where(
            among(UsageTotal.team_id, team_ids),
            UsageTotal.day >= period.first,
            UsageTotal.day < period.end,
            visible_usage(viewer),
        )
        .having(or_(*(column != 0 for column in sums)))
    )


def _sums(columns: Sequence[Any]) -> Sums:
    requests, successes, tokens, cost, response_ms, responses = columns
    return Sums(int(requests), int(successes), int(tokens), cost, int(response_ms), int(responses))


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
