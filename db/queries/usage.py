"""Reading usage, from the totals that the database keeps: the cost does not depend on how many logs there are."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Float, Integer, Select, bindparam, cast, collate, func, or_, select, tuple_

from db.among import among_those
from db.models import ApiKey, UsageTotal
from db.statement import Statement, statement
from db.visibility import scope, scope_parameters, visible_usage
from domain.quota import QuotaPeriods, Used

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import InstrumentedAttribute

    from db.database import Database
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


def within(*conditions: ColumnElement[bool]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Give the sums of successful requests of a day and of its month, over those totals that meet the conditions."""
    successes = func.sum(UsageTotal.successes)
    daily = successes.filter(UsageTotal.day == bindparam("day", type_=Date), *conditions)
    monthly = successes.filter(*conditions) if conditions else successes
    return func.coalesce(daily, 0), func.coalesce(monthly, 0)


def in_month() -> ColumnElement[bool]:
    """The condition that a total is of the month."""
    month, next_month = bindparam("month", type_=Date), bindparam("next_month", type_=Date)
    return (UsageTotal.day >= month) & (UsageTotal.day < next_month)


def period_parameters(periods: QuotaPeriods) -> dict[str, Any]:
    """Give the parameters of the two above."""
    return {"day": periods.day, "month": periods.month, "next_month": periods.next_month}


async def used_by_teams(
    database: Database, viewer: Viewer, team_ids: Sequence[int], periods: QuotaPeriods
) -> dict[int, Used]:
    """Count what each team used of its quotas."""
    counted = statement(("used by teams", scope(viewer)), lambda: _used_by(viewer, UsageTotal.team_id))
    return await _used(database, viewer, counted, team_ids, periods)


async def used_by_keys(
    database: Database, viewer: Viewer, api_key_ids: Sequence[int], periods: QuotaPeriods
) -> dict[int, Used]:
    """Count what each key used of its quotas, for its own team."""
    counted = statement(
        ("used by keys", scope(viewer)),
        # By the team first, as the totals are indexed.
        lambda: _used_by(viewer, ApiKey.id).join(
            ApiKey, (ApiKey.team_id == UsageTotal.team_id) & (ApiKey.id == UsageTotal.api_key_id)
        ),
    )
    return await _used(database, viewer, counted, api_key_ids, periods)


async def used_by_platforms(
    database: Database, viewer: Viewer, platforms: Sequence[str], periods: QuotaPeriods
) -> dict[str, Used]:
    """Count the successful requests on each platform by sessions that belong to no team."""
    counted = statement(
        ("used by platforms", scope(viewer)),
        lambda: _used_by(viewer, UsageTotal.platform).where(UsageTotal.team_id == NO_TEAM),
    )
    return await _used(database, viewer, counted, platforms, periods)


async def by_teams(
    database: Database, viewer: Viewer, team_ids: Sequence[int], period: UsagePeriod
) -> dict[int, TeamUsage]:
    """Sum up what each team used in a period."""
    team, day = UsageTotal.team_id, UsageTotal.day
    summed = statement(
        ("usage by teams", scope(viewer)),
        lambda: (
            # 0 where the row is of this day alone.
            _summed(viewer, team, cast(func.grouping(day), Integer), day).group_by(
                func.grouping_sets(tuple_(team), tuple_(team, day))
            )
        ),
    )
    usage = {team_id: TeamUsage() for team_id in team_ids}
    for team_id, over_days, of_day, *columns in await _of_period(database, viewer, summed, team_ids, period):
        if over_days:
            usage[team_id].total = _sums(columns)
        else:
            usage[team_id].by_day[of_day] = _sums(columns)
    return usage


async def models_by_teams(
    database: Database, viewer: Viewer, team_ids: Sequence[int], period: UsagePeriod
) -> dict[int, dict[str, Sums]]:
    """Sum up what each team used of the models of which it made the most requests, in the order of those.

    Models of as many requests are in the order of their names.
    """
    summed = statement(("usage of models by teams", scope(viewer)), lambda: _most_used_models(viewer))
    usage: dict[int, dict[str, Sums]] = {team_id: {} for team_id in team_ids}
    for team_id, _, of_model, *columns in await _of_period(database, viewer, summed, team_ids, period):
        usage[team_id][of_model] = _sums(columns)
    return usage


def _most_used_models(viewer: Viewer) -> Select[Any]:
    team, model = UsageTotal.team_id, UsageTotal.model
    place = func.row_number().over(
        partition_by=team,
        # "C" is the order in which Python sorts, whatever the database's own is.
        order_by=(func.sum(UsageTotal.requests).desc(), collate(model, "C")),
    )
    placed = _summed(viewer, team, place.label("place"), model).group_by(team, model).subquery("placed")
    return select(placed).where(placed.c.place <= MODELS_MAXIMUM).order_by(placed.c.team_id, placed.c.place)


def _summed(viewer: Viewer, *columns: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[Any]:
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
            among_those(UsageTotal.team_id, "team_ids"),
            UsageTotal.day >= bindparam("first", type_=Date),
            UsageTotal.day < bindparam("end", type_=Date),
            visible_usage(viewer),
        )
        .having(or_(*(column != 0 for column in sums)))
    )


async def _of_period(
    database: Database, viewer: Viewer, summed: Statement, team_ids: Sequence[int], period: UsagePeriod
) -> list[Any]:
    return await database.rows(
        summed, team_ids=team_ids, first=period.first, end=period.end, **scope_parameters(viewer)
    )


def _sums(columns: Sequence[Any]) -> Sums:
    requests, successes, tokens, cost, response_ms, responses = columns
    return Sums(int(requests), int(successes), int(tokens), cost, int(response_ms), int(responses))


def _used_by(viewer: Viewer, column: InstrumentedAttribute[Any]) -> Select[Any]:
    return (
        select(column, *within())
        .select_from(UsageTotal)
        .where(in_month(), among_those(column, "parents"), visible_usage(viewer))
        .group_by(column)
    )


async def _used(
    database: Database, viewer: Viewer, counted: Statement, parents: Sequence[Any], periods: QuotaPeriods
) -> dict[Any, Used]:
    records = await database.rows(
        counted,
        parents=parents,
        **period_parameters(periods),
        **scope_parameters(viewer),
    )
    used = {parent: Used(int(daily), int(monthly)) for parent, daily, monthly in records}
    return {parent: used.get(parent, Used()) for parent in parents}
