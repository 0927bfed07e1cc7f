"""Team.quota and ApiKey.quota: windows by UTC day and month, exact to the last request, whoever recorded it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from tests.conftest import run_sql
from tests.schema.teams.documents import QUOTA
from tests.schema.teams.rows import insert_past_constraints, rows
from tests.schema.usage.asking import (
    log_of,
    quota_of_key,
    quota_of_team,
    record,
    windows,
    write_logs,
)
from tests.schema.world import node_id, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi
    from tests.schema.world import TeamRow

TICK = timedelta(microseconds=1)


def test_the_windows_are_those_of_the_present_moment(api: RunningApi, team: TeamRow) -> None:
    """By the real clock, which may pass midnight while the request is under way."""
    before = datetime.now(UTC)
    quota = quota_of_team(api, team)
    after = datetime.now(UTC)
    ends = {(day + timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z") for day in (before, after)}
    next_months = {(day.replace(day=28) + timedelta(days=4)).strftime("%Y-%m-01T00:00:00Z") for day in (before, after)}
    assert quota["daily"]["resetsAt"] in ends
    assert quota["monthly"]["resetsAt"] in next_months


@pytest.mark.usefixtures("noon")
def test_without_logs_and_quotas_nothing_is_used_and_nothing_limited(api: RunningApi, team: TeamRow) -> None:
    nothing = {"limit": None, "used": 0, "remaining": None}
    expected = {
        "daily": nothing | {"resetsAt": "2024-05-16T00:00:00Z"},
        "monthly": nothing | {"resetsAt": "2024-06-01T00:00:00Z"},
    }
    assert quota_of_team(api, team) == quota_of_key(api, team) == expected


def test_a_window_begins_at_midnight_and_the_month_on_its_first_to_the_microsecond(
    api: RunningApi, database: str, team: TeamRow, noon: datetime
) -> None:
    day, month = noon.replace(hour=0), noon.replace(day=1, hour=0)
    next_day, next_month = day + timedelta(days=1), month.replace(month=6)
    within_month, within_day = [month, day - TICK, next_day, next_month - TICK], [day, noon, next_day - TICK]
    beyond = [month - TICK, next_month, noon.replace(year=2023), noon.replace(year=2025)]
    write_logs(database, *(log_of(team, moment) for moment in within_month + within_day + beyond))
    assert windows(quota_of_team(api, team)) == ([None, 3, None], [None, 7, None])


def test_only_the_teams_own_successes_count(api: RunningApi, database: str, noon: datetime) -> None:
    first, second = populate(database, teams=2, messages=0)
    write_logs(
        database,
        log_of(first, noon),
        log_of(first, noon, key=None),
        log_of(first, noon, key=1, request_count=3, model_used="other"),
        log_of(first, noon, success=False, request_count=50),
        log_of(first, noon, model_used=None),
        log_of(second, noon, request_count=100),
        {"timestamp": noon, "request_count": 1000},
    )
    assert windows(quota_of_team(api, first)) == ([None, 6, None], [None, 6, None])
    assert windows(quota_of_team(api, second)) == ([None, 100, None], [None, 100, None])
    assert windows(quota_of_team(api.by(first.keys[1].secret), first)) == ([None, 6, None], [None, 6, None])


OWN_QUOTAS: list[tuple[str, str, tuple[list[Any], list[Any]]]] = [
    ("NULL", "NULL", ([10, 5, 5], [100, 9, 91])),
    ("4", "NULL", ([4, 2, 2], [100, 9, 91])),
    ("NULL", "50", ([10, 5, 5], [50, 3, 47])),
    ("4", "50", ([4, 2, 2], [50, 3, 47])),
    ("1", "2", ([1, 2, 0], [2, 3, 0])),
    ("0", "NULL", ([0, 2, 0], [100, 9, 91])),
    # Beyond the team's: a key may be given more than the rest.
    ("1000", "NULL", ([1000, 2, 998], [100, 9, 91])),
]


@pytest.mark.parametrize(("daily", "monthly", "expected"), OWN_QUOTAS)
def test_a_keys_own_quota_overrides_its_teams_in_each_window_by_itself(
    api: RunningApi, database: str, team: TeamRow, noon: datetime, daily: str, monthly: str, expected: Any
) -> None:
    """What a key has of its own counts its own requests; what it inherits, those of the whole team."""
    run_sql(
        database,
        "UPDATE teams SET daily_quota = 10, monthly_quota = 100",
        f"UPDATE api_keys SET daily_quota = {daily}, monthly_quota = {monthly} WHERE id = {team.keys[0].id}",  # noqa: S608 - numbers of ours
    )
    yesterday = noon - timedelta(days=1)
    write_logs(
        database,
        log_of(team, noon, request_count=2),
        log_of(team, noon, key=1),
        log_of(team, noon, key=None, request_count=2),
        log_of(team, yesterday),
        log_of(team, yesterday, key=1, request_count=3),
        log_of(team, noon, success=False),
    )
    assert windows(quota_of_key(api, team)) == expected
    assert windows(quota_of_key(api, team, key=1)) == ([10, 5, 5], [100, 9, 91])
    assert windows(quota_of_team(api, team)) == ([10, 5, 5], [100, 9, 91])


def test_another_program_may_write_change_and_delete_logs_and_is_counted_at_once(
    api: RunningApi, database: str, team: TeamRow, noon: datetime
) -> None:
    run_sql(database, "UPDATE teams SET daily_quota = 100")

    def daily() -> list[Any]:
        return windows(quota_of_team(api, team))[0]

    first, second = write_logs(database, log_of(team, noon), log_of(team, noon, request_count=4))
    assert daily() == [100, 5, 95]
    run_sql(database, f"UPDATE usage_logs SET request_count = 10 WHERE id = {first}")  # noqa: S608 - a number of ours
    assert daily() == [100, 14, 86]
    run_sql(database, f"UPDATE usage_logs SET success = false WHERE id = {second}")  # noqa: S608 - a number of ours
    assert daily() == [100, 10, 90]
    run_sql(database, f"UPDATE usage_logs SET timestamp = '2024-05-14 23:59' WHERE id = {first}")  # noqa: S608 - a number of ours
    assert daily() == [100, 0, 100]
    run_sql(database, "UPDATE usage_logs SET timestamp = '2024-05-15 00:00', success = true")
    assert daily() == [100, 14, 86]
    run_sql(database, f"DELETE FROM usage_logs WHERE id = {first}")  # noqa: S608 - a number of ours
    assert daily() == [100, 4, 96]
    assert windows(record(api, team.sessions[0].node_id))[0] == [100, 5, 95]
    run_sql(database, "TRUNCATE usage_logs")
    assert daily() == [100, 0, 100]


@pytest.mark.usefixtures("noon")
def test_logs_count_from_their_commit_on_and_not_if_they_are_taken_back(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    insert = (
        "INSERT INTO usage_logs (team_id, session_id, platform, model_used)"  # noqa: S608 - a number of ours
        f" SELECT {team.id}, 's', 'p', 'm' FROM generate_series(1, 3)"
    )

    async def write(end: str) -> list[int]:
        connection = await asyncpg.connect(database)
        try:
            await connection.execute(f"BEGIN; {insert}")
            used = [await asyncio.to_thread(lambda: quota_of_team(api, team)["daily"]["used"])]
            await connection.execute(end)
        finally:
            await connection.close()
        return [*used, quota_of_team(api, team)["daily"]["used"]]

    assert asyncio.run(write("ROLLBACK")) == [0, 0]
    assert asyncio.run(write("COMMIT")) == [0, 3]


def test_a_negative_quota_of_old_allows_nothing(api: RunningApi, database: str) -> None:
    row_id = insert_past_constraints(database, daily_quota="-5", monthly_quota="-1")
    quota = api.execute(
        f"query ($id: ID!) {{ team(by: {{ id: $id }}) {{ quota {{ {QUOTA} }} }} }}", {"id": node_id("Team", row_id)}
    )["team"]["quota"]
    assert windows(quota) == ([0, 0, 0], [0, 0, 0])


def test_absurd_counts_fail_no_answer(api: RunningApi, database: str, team: TeamRow, noon: datetime) -> None:
    """The earlier service bounds nothing: what cannot be shown as it is, is shown as the nearest that can."""
    run_sql(database, "UPDATE teams SET daily_quota = 2147483647, monthly_quota = 5")
    write_logs(database, *(log_of(team, noon, request_count=2**31 - 1) for _ in range(3)))
    most = 2**31 - 1
    assert windows(quota_of_team(api, team)) == ([most, most, 0], [5, most, 0])
    run_sql(database, "UPDATE usage_logs SET request_count = -2147483648")
    assert windows(quota_of_team(api, team)) == ([most, -most, most], [5, -most, most])


def test_a_new_quota_holds_at_once(api: RunningApi, database: str, team: TeamRow, noon: datetime) -> None:
    write_logs(database, log_of(team, noon, request_count=5))
    for limit, expected in ((10, [10, 5, 5]), (3, [3, 5, 0]), (None, [None, 5, None])):
        api.execute(
            "mutation ($id: ID!, $limit: Int) {"
            " updateTeam(input: {id: $id, dailyQuota: $limit}) { ... on UpdateTeamSuccess { team { id } } } }",
            {"id": team.node_id, "limit": limit},
        )
        assert windows(quota_of_team(api, team))[0] == expected
    assert rows(database, "SELECT daily_quota FROM teams") == [{"daily_quota": None}]
