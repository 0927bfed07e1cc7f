"""What is read of usage: by the program's own queries, and by statements that add up the logs to the same."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import click
from sqlalchemy import text

from benchmarks.usage_databases import TEAM, TODAY
from db.queries import usage
from db.queries.usage import Sums, TeamUsage
from domain.quota import QuotaPeriods, Used
from domain.usage_period import UsagePeriod
from domain.viewer import Admin

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sqlalchemy import Row, TextClause
    from sqlalchemy.ext.asyncio import AsyncConnection

    from db.database import Database

    Read = Callable[[Database], Awaitable[object]]

VIEWER: Final = Admin("benchmark")
PERIODS: Final = QuotaPeriods(TODAY, TODAY.replace(day=1))
LAST_30_DAYS: Final = UsagePeriod(TODAY - timedelta(days=29), TODAY + timedelta(days=1))

_SUMS_OF_LOGS: Final = """
    sum(request_count), coalesce(sum(request_count) FILTER (WHERE success), 0), coalesce(sum(tokens_used), 0),
    coalesce(sum(round(estimated_cost::numeric, 12)), 0)::float8, coalesce(sum(response_time_ms), 0),
    count(response_time_ms)
"""
_LOGS_OF_30_DAYS: Final = f"""
    FROM usage_logs WHERE team_id = {TEAM}
    AND timestamp >= '{LAST_30_DAYS.first}' AND timestamp < '{LAST_30_DAYS.end}'
"""
QUOTA: Final = text(
    f"""
    SELECT coalesce(sum(request_count) FILTER (WHERE timestamp >= '{PERIODS.day}'), 0),
        coalesce(sum(request_count), 0)
    FROM usage_logs WHERE team_id = {TEAM} AND success
    AND timestamp >= '{PERIODS.month}' AND timestamp < '{PERIODS.next_month}'
    """
)
USAGE: Final = text(
    f"""
    SELECT timestamp::date, {_SUMS_OF_LOGS} {_LOGS_OF_30_DAYS} GROUP BY GROUPING SETS ((), (timestamp::date))
    """
)
MODELS: Final = text(
    f"""
    SELECT coalesce(model_used, '') AS model, {_SUMS_OF_LOGS} {_LOGS_OF_30_DAYS}
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {usage.MODELS_MAXIMUM}
    """
)


async def quota_from_logs(database: Database) -> dict[int, Used]:
    """Count as `used_by_teams` does."""
    ((daily, monthly),) = await _rows(database, QUOTA)
    return {TEAM: Used(int(daily), int(monthly))}


async def usage_from_logs(database: Database) -> dict[int, TeamUsage]:
    """Sum up as `by_teams` does."""
    sums = {day: _sums(columns) for day, *columns in await _rows(database, USAGE)}
    return {TEAM: TeamUsage(sums.pop(None), sums)}


async def models_from_logs(database: Database) -> dict[int, dict[str, Sums]]:
    """Sum up as `models_by_teams` does."""
    return {TEAM: {model: _sums(columns) for model, *columns in await _rows(database, MODELS)}}


FROM_TOTALS: Final[Mapping[str, Read]] = {
    "quota": lambda database: usage.used_by_teams(database, VIEWER, [TEAM], PERIODS),
    "30 days": lambda database: usage.by_teams(database, VIEWER, [TEAM], LAST_30_DAYS),
    "30 days by model": lambda database: usage.models_by_teams(database, VIEWER, [TEAM], LAST_30_DAYS),
}
FROM_LOGS: Final[Mapping[str, Read]] = {
    "quota": quota_from_logs,
    "30 days": usage_from_logs,
    "30 days by model": models_from_logs,
}


async def require_the_same(database: Database) -> None:
    """Refuse to measure reads that do not come to the same.

    Raises:
        ClickException: totals and logs differ.
    """
    for name, read in FROM_TOTALS.items():
        if await read(database) != await FROM_LOGS[name](database):
            raise click.ClickException(f"The {name} of totals and logs differ.")


async def _rows(database: Database, statement: TextClause) -> Sequence[Row[*tuple[Any, ...]]]:
    async def rows(connection: AsyncConnection) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await connection.execute(statement)).all()

    return await database.fetch(rows)


def _sums(columns: Sequence[Any]) -> Sums:
    requests, successes, tokens, cost, response_ms, responses = columns
    return Sums(int(requests), int(successes), int(tokens), cost, int(response_ms), int(responses))
