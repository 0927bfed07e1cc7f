"""recordUsage answers with the quota that remains, this request counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import run_sql
from tests.running_api import INTERNAL_KEY, TELEGRAM_KEY
from tests.schema.teams.rows import rows
from tests.schema.usage.asking import log_of, record, windows, write_logs
from tests.schema.world import add_session

if TYPE_CHECKING:
    from datetime import datetime

    from tests.running_api import RunningApi
    from tests.schema.world import TeamRow


def test_only_successes_count_against_the_quota_and_this_one_is_counted(
    api: RunningApi, database: str, team: TeamRow, noon: datetime
) -> None:
    run_sql(database, "UPDATE teams SET daily_quota = 2, monthly_quota = 10")
    write_logs(database, log_of(team, noon.replace(day=14)), log_of(team, noon.replace(month=4)))
    session = team.sessions[0].node_id
    assert windows(record(api, session)) == ([2, 1, 1], [10, 2, 8])
    assert windows(record(api, session, success=False)) == ([2, 1, 1], [10, 2, 8])
    assert windows(record(api, session)) == ([2, 2, 0], [10, 3, 7])
    # What was used is recorded even beyond the quota: it did happen.
    assert windows(record(api, session)) == ([2, 3, 0], [10, 4, 6])


def test_the_quota_in_the_answer_is_the_one_that_holds_for_the_key(
    api: RunningApi, database: str, team: TeamRow, noon: datetime
) -> None:
    run_sql(
        database,
        "UPDATE teams SET daily_quota = 100, monthly_quota = 1000",
        f"UPDATE api_keys SET daily_quota = 5 WHERE id = {team.keys[0].id}",  # noqa: S608 - a number of ours
    )
    write_logs(database, log_of(team, noon, key=1, request_count=7))
    for caller in (api, api.by(team.keys[0].secret)):
        quota = record(caller, team.sessions[0].node_id)
        assert quota["daily"]["resetsAt"] == "2024-05-16T00:00:00Z"
        assert quota["monthly"]["resetsAt"] == "2024-06-01T00:00:00Z"
    assert windows(quota) == ([5, 2, 3], [1000, 9, 991])


@pytest.mark.usefixtures("noon")
def test_a_session_without_an_owner_is_recorded_for_the_key_that_asks(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    run_sql(database, f"UPDATE api_keys SET monthly_quota = 3 WHERE id = {team.keys[1].id}")  # noqa: S608 - a number of ours
    session = add_session(database, team.platform_name, "unowned", team=team.id)
    assert windows(record(api.by(team.keys[1].secret), session)) == ([None, 1, None], [3, 1, 2])
    assert windows(record(api, session)) == ([None, 2, None], [None, 2, None])
    assert [row["api_key_id"] for row in rows(database, "SELECT api_key_id FROM usage_logs ORDER BY id")] == [
        team.keys[1].id,
        None,
    ]


def test_sessions_without_a_team_have_no_quota_and_count_their_platform(
    api: RunningApi, database: str, noon: datetime
) -> None:
    telegram = [add_session(database, "telegram", user) for user in "ab"]
    internal = add_session(database, "internal", "a")
    write_logs(
        database,
        {"platform": "telegram", "timestamp": noon.replace(day=1)},
        {"platform": "telegram", "timestamp": noon, "success": False},
        {"platform": "internal", "timestamp": noon, "request_count": 5},
    )
    record(api.by(TELEGRAM_KEY), telegram[0])
    assert windows(record(api.by(TELEGRAM_KEY), telegram[1])) == ([None, 2, None], [None, 3, None])
    assert windows(record(api.by(INTERNAL_KEY), internal)) == ([None, 6, None], [None, 6, None])
    assert windows(record(api, internal)) == ([None, 7, None], [None, 7, None])


@pytest.mark.usefixtures("noon")
def test_a_request_that_is_recorded_past_midnight_is_counted_in_the_new_day(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    """The call began in the day before: the answer is about the windows in which the log lies."""
    run_sql(database, "ALTER TABLE usage_logs ALTER COLUMN timestamp SET DEFAULT '2024-06-01 00:00:00'")
    quota = record(api, team.sessions[0].node_id)
    assert windows(quota) == ([None, 1, None], [None, 1, None])
    assert (quota["daily"]["resetsAt"], quota["monthly"]["resetsAt"]) == (
        "2024-06-02T00:00:00Z",
        "2024-07-01T00:00:00Z",
    )
    telegram = add_session(database, "telegram", "u")
    assert windows(record(api, telegram)) == ([None, 1, None], [None, 1, None])
