"""admitRequest: as admission, and one is taken from the rate limit of the session."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from tests.conftest import run_sql
from tests.running_api import INTERNAL_KEY, TELEGRAM_KEY
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.documents import Form, document, run, run_with
from tests.schema.teams.ids import encoded, strange_ids
from tests.schema.teams.rows import rows, unchanged, value
from tests.schema.usage.asking import admitted, judged, log_of, record, write_logs
from tests.schema.world import add_session, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi
    from tests.schema.world import TeamRow

# In the near future, so that however slow the machine is, they still count.
FULL = "INSERT INTO admission_windows SELECT id, ARRAY[now() + interval '30 seconds'] FROM chat_sessions"


def taken(database: str) -> list[int]:
    """Give how many moments each session's window holds."""
    stored = rows(database, "SELECT cardinality(admitted_at) AS count FROM admission_windows ORDER BY session_id")
    return [row["count"] for row in stored]


@pytest.fixture
def session(database: str, team: TeamRow) -> str:
    """A session at a rate limit of three."""
    run_sql(database, "UPDATE teams SET rate_limit = 3")
    return team.sessions[0].node_id


def test_each_admission_takes_one_until_none_is_left(api: RunningApi, database: str, session: str) -> None:
    before = datetime.now(UTC)
    verdicts = [admitted(api, session) for _ in range(5)]
    after = datetime.now(UTC)
    assert [verdict["allowed"] for verdict in verdicts] == [True, True, True, False, False]
    assert [verdict["reasons"] for verdict in verdicts[3:]] == [["RATE_LIMIT"]] * 2
    bindings = [verdict["bindingLimit"] for verdict in verdicts]
    assert [(binding["kind"], binding["limit"], binding["used"], binding["remaining"]) for binding in bindings] == [
        ("RATE_LIMIT", 3, 1, 2),
        ("RATE_LIMIT", 3, 2, 1),
        *[("RATE_LIMIT", 3, 3, 0)] * 3,
    ]
    # The place that the first request took is the next to be free.
    (first,) = {datetime.fromisoformat(binding["resetsAt"]) for binding in bindings}
    assert before <= first - timedelta(minutes=1) <= after
    assert taken(database) == [3]
    assert judged(api, session) == verdicts[-1]


def test_each_session_has_a_rate_limit_of_its_own(api: RunningApi, database: str, session: str, team: TeamRow) -> None:
    run_sql(database, "UPDATE teams SET rate_limit = 1")
    assert [admitted(api, session)["allowed"] for _ in range(2)] == [True, False]
    assert admitted(api, team.sessions[1].node_id)["allowed"]


def test_what_lies_a_minute_back_is_forgotten_and_what_does_not_is_kept(
    api: RunningApi, database: str, session: str
) -> None:
    run_sql(
        database,
        "INSERT INTO admission_windows SELECT id, ARRAY[now() - interval '1 hour', now() - interval '60 seconds',"
        " now() + interval '20 seconds', now() + interval '1 hour'] FROM chat_sessions",
    )
    assert admitted(api, session)["bindingLimit"]["used"] == 2
    moments = value(database, "SELECT admitted_at FROM admission_windows WHERE session_id = 1")
    assert len(moments) == 2
    assert moments == sorted(moments)


def test_a_limit_that_was_changed_holds_at_once(api: RunningApi, database: str, session: str) -> None:
    for _ in range(3):
        admitted(api, session)
    run_sql(database, "UPDATE teams SET rate_limit = 1")
    assert admitted(api, session)["bindingLimit"]["remaining"] == 0
    run_sql(database, "UPDATE teams SET rate_limit = 4")
    assert [admitted(api, session)["allowed"] for _ in range(2)] == [True, False]


REFUSING = {
    "TEAM_INACTIVE": "UPDATE teams SET is_active = false",
    "KEY_EXPIRED": "UPDATE api_keys SET expires_at = '2020-01-01'",
    "DAILY_QUOTA": "UPDATE teams SET daily_quota = 0",
    "MONTHLY_QUOTA": "UPDATE api_keys SET monthly_quota = 0",
    "MODEL_NOT_AVAILABLE": "UPDATE teams SET available_models = '[\"only/this\"]'",
    "RATE_LIMIT": "UPDATE teams SET rate_limit = 1",
}


@pytest.mark.parametrize("reason", REFUSING)
def test_a_refused_request_takes_nothing(api: RunningApi, database: str, session: str, reason: str) -> None:
    run_sql(database, FULL, REFUSING[reason])
    with unchanged(database):
        for _ in range(2):
            verdict = admitted(api, session, model="openai/gpt-4o-mini")
            assert (verdict["allowed"], verdict["reasons"]) == (False, [reason])
    run_sql(
        database,
        "UPDATE teams SET is_active = true, daily_quota = NULL, available_models = NULL, rate_limit = 2",
        "UPDATE api_keys SET expires_at = NULL, monthly_quota = NULL",
    )
    assert admitted(api, session)["bindingLimit"]["used"] == 2


def test_all_reasons_are_named_together(api: RunningApi, database: str, session: str) -> None:
    run_sql(database, FULL, *REFUSING.values())
    with unchanged(database):
        assert admitted(api, session, model="other")["reasons"] == list(REFUSING)


@pytest.mark.usefixtures("noon")
def test_quotas_are_judged_when_a_request_is_admitted_and_counted_when_it_is_recorded(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    run_sql(database, "UPDATE teams SET daily_quota = 1")
    session = team.sessions[0].node_id
    for _ in range(2):
        verdict = admitted(api, session)
        assert (verdict["allowed"], verdict["bindingLimit"]["kind"]) == (True, "DAILY_QUOTA")
        assert verdict["bindingLimit"]["remaining"] == 1
    record(api, session)
    assert admitted(api, session)["reasons"] == ["DAILY_QUOTA"]
    assert taken(database) == [2]


def test_logs_of_another_program_count_at_the_next_request(
    api: RunningApi, database: str, team: TeamRow, noon: datetime
) -> None:
    run_sql(database, "UPDATE teams SET daily_quota = 10")
    session = team.sessions[0].node_id
    assert admitted(api, session)["allowed"]
    write_logs(database, log_of(team, noon, key=None, request_count=10))
    assert admitted(api, session)["reasons"] == ["DAILY_QUOTA"]
    run_sql(database, "DELETE FROM usage_logs")
    assert admitted(api, session)["allowed"]


@pytest.mark.parametrize("form", Form)
def test_the_model_is_given_null_or_left_out(api: RunningApi, database: str, session: str, form: Form) -> None:
    run_sql(database, "UPDATE teams SET rate_limit = NULL")
    parts: list[tuple[dict[str, Any], list[str]]] = [
        ({"value": "openai/gpt-4o-mini"}, []),
        ({"value": None}, []),
        ({}, []),
        ({"value": ""}, ["MODEL_NOT_AVAILABLE"]),
        ({"value": "OpenAI/gpt-4o-mini"}, ["MODEL_NOT_AVAILABLE"]),
    ]
    for part, reasons in parts:
        result = run_with(
            api, "admitRequest", form, fixed={"sessionId": session}, field="model", field_type="String", **part
        )
        assert result["admission"]["reasons"] == reasons, part


def test_of_many_at_once_exactly_as_many_as_the_limit_are_admitted(
    api: RunningApi, database: str, session: str
) -> None:
    """Also where the session's window is not there yet: all want to be the first."""
    run_sql(database, "UPDATE teams SET rate_limit = 7")
    selection = "... on AdmitRequestSuccess { admission { allowed } }"
    results = at_once(40, lambda _: outcome(api, "admitRequest", selection, sessionId=session))
    assert sum(result["admission"]["allowed"] for result in results) == 7
    assert taken(database) == [7]


def test_a_key_and_a_team_that_another_program_holds_delay_no_admission(
    api: RunningApi, database: str, session: str, team: TeamRow
) -> None:
    """It would end as unavailable if it waited: nobody lets go of them."""
    with asyncio.Runner() as runner:
        holder = runner.run(asyncpg.connect(database))
        try:
            runner.run(holder.execute("BEGIN; SELECT FROM teams FOR UPDATE; SELECT FROM api_keys FOR UPDATE"))
            for caller in (api, api.by(team.keys[0].secret)):
                assert admitted(caller, session)["allowed"]
        finally:
            runner.run(holder.close())


def test_who_may_make_requests_in_a_session(api: RunningApi, database: str, team: TeamRow) -> None:
    (stranger,) = populate(database, platform_name="stranger", display_name="stranger", messages=0)
    sessions = {
        "own": team.sessions[0].node_id,
        "unowned": add_session(database, team.platform_name, "unowned", team=team.id),
        "stranger's": stranger.sessions[0].node_id,
        "telegram": add_session(database, "telegram", "u"),
        "internal": add_session(database, "internal", "u"),
    }
    callers = {
        "admin": (api, set(sessions)),
        "owner": (api.by(team.keys[0].secret), {"own", "unowned"}),
        "other key": (api.by(team.keys[1].secret), {"unowned"}),
        "another team": (api.by(stranger.keys[0].secret), {"stranger's"}),
        "telegram": (api.by(TELEGRAM_KEY), {"telegram"}),
        "internal": (api.by(INTERNAL_KEY), {"internal"}),
    }
    for name, (caller, served) in callers.items():
        nowhere = caller.post(document("admitRequest"), {"input": {"sessionId": encoded("Session:999")}})
        assert nowhere.json()["data"]["result"]["__typename"] == "SessionNotFound"
        for session, node_id in sessions.items():
            if session in served:
                assert admitted(caller, node_id)["allowed"], (name, session)
                continue
            with unchanged(database):
                answer = caller.post(document("admitRequest"), {"input": {"sessionId": node_id}})
            assert answer.content == nowhere.content, (name, session)


def test_an_id_that_names_no_session_is_session_not_found(api: RunningApi, database: str, session: str) -> None:
    assert encoded("Session:1") == session
    with unchanged(database):
        for node_id in strange_ids("Session"):
            assert run(api, "admitRequest", sessionId=node_id)["__typename"] == "SessionNotFound", node_id


def test_how_many_statements_an_admission_takes(api: RunningApi, session: str, team: TeamRow) -> None:
    """What it is judged by and the window, held; the window made the first time, and written; a refusal reads alone."""
    cases = [
        ({"sessionId": session}, 5),
        ({"sessionId": session}, 3),
        ({"sessionId": session, "model": "other"}, 1),
        ({"sessionId": encoded("Session:999")}, 1),
        ({"sessionId": "nonsense"}, 0),
    ]
    for given, count in cases:
        with api.counted() as statements:
            run(api, "admitRequest", **given)
        assert len(statements) == count, statements
    with api.counted() as statements:
        judged(api, team.sessions[1].node_id)
    assert len(statements) == 1, statements
