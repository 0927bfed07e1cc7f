"""recordUsage: one log, as given, and the quota that remains."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql
from tests.running_api import INTERNAL_KEY, TELEGRAM_KEY
from tests.schema.teams.documents import Form, document, problems_of, run, run_with
from tests.schema.teams.ids import encoded, strange_ids
from tests.schema.teams.rows import rows, unchanged
from tests.schema.usage.asking import record
from tests.schema.world import add_session, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi
    from tests.schema.world import TeamRow

LOGS = "SELECT to_jsonb(usage_logs) - 'id' - 'timestamp' AS log, timestamp FROM usage_logs ORDER BY id"


def test_a_log_holds_what_was_given_and_whose_it_is(api: RunningApi, database: str, team: TeamRow) -> None:
    session = team.sessions[1]
    before = datetime.now(UTC)
    record(
        api.by(team.keys[0].secret),
        session.node_id,
        model="some/Model",
        success=False,
        tokensUsed=12,
        estimatedCost=0.25,
        responseTimeMs=340,
        errorMessage="It broke.\n",
    )
    (stored,) = rows(database, LOGS)
    assert stored["log"] == {
        "api_key_id": team.keys[0].id,
        "team_id": team.id,
        "session_id": session.session_id,
        "platform": session.platform,
        "model_used": "some/Model",
        "request_count": 1,
        "tokens_used": 12,
        "estimated_cost": 0.25,
        "success": False,
        "response_time_ms": 340,
        "error_message": "It broke.\n",
    }
    assert abs(stored["timestamp"].replace(tzinfo=UTC) - before) < timedelta(minutes=5)


@pytest.mark.parametrize(
    "model", [" a ", "GPT-4", "gpt-4", "e\u0301", "\u00e9", "👩\u200d🔧" * 85, "ü" * 255, "'; --", " "]
)
def test_a_models_name_is_stored_as_it_is_given(api: RunningApi, database: str, team: TeamRow, model: str) -> None:
    """Neither trimmed nor normalised: usage is added up by this name, and whoever gave it looks for it."""
    record(api, team.sessions[0].node_id, model=model)
    assert [row["log"]["model_used"] for row in rows(database, LOGS)] == [model]


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    ("field", "field_type", "column", "values"),
    [
        ("tokensUsed", "Int", "tokens_used", (0, 2**31 - 1)),
        ("estimatedCost", "Float", "estimated_cost", (0, 0.1, 1_000_000_000)),
        ("responseTimeMs", "Int", "response_time_ms", (0, 2**31 - 1)),
        ("errorMessage", "String", "error_message", ("", "\t\U0001f525\r\n\u202e", "e" * 10_000)),
    ],
)
def test_an_optional_field_is_given_null_or_left_out(
    api: RunningApi, database: str, team: TeamRow, form: Form, field: str, field_type: str, column: str, values: Any
) -> None:
    fixed = {"sessionId": team.sessions[0].node_id, "model": "m", "success": True}
    parts: list[dict[str, Any]] = [*({"value": given} for given in values), {"value": None}, {}]
    for part in parts:
        result = run_with(api, "recordUsage", form, fixed=fixed, field=field, field_type=field_type, **part)
        assert result["__typename"] == "RecordUsageSuccess", part
    assert [row["log"][column] for row in rows(database, LOGS)] == [*values, None, None]


PROBLEMS: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"model": ""}, [("model", "TOO_SHORT")]),
    ({"model": "m" * 256}, [("model", "TOO_LONG")]),
    ({"model": "m\x00"}, [("model", "MALFORMED")]),
    ({"model": "m\n"}, [("model", "MALFORMED")]),
    ({"model": "m\u202e"}, [("model", "MALFORMED")]),
    ({"errorMessage": "\x07"}, [("errorMessage", "MALFORMED")]),
    ({"tokensUsed": -1}, [("tokensUsed", "TOO_SMALL")]),
    ({"tokensUsed": -(2**31)}, [("tokensUsed", "TOO_SMALL")]),
    ({"estimatedCost": -0.01}, [("estimatedCost", "TOO_SMALL")]),
    ({"estimatedCost": 1_000_000_000.5}, [("estimatedCost", "TOO_LARGE")]),
    ({"estimatedCost": 1e308}, [("estimatedCost", "TOO_LARGE")]),
    ({"responseTimeMs": -1}, [("responseTimeMs", "TOO_SMALL")]),
    ({"errorMessage": "e" * 10_001}, [("errorMessage", "TOO_LONG")]),
    ({"errorMessage": "\x00"}, [("errorMessage", "MALFORMED")]),
    (
        {"model": "", "tokensUsed": -1, "estimatedCost": -1, "responseTimeMs": -1, "errorMessage": "\x00"},
        [
            ("model", "TOO_SHORT"),
            ("tokensUsed", "TOO_SMALL"),
            ("estimatedCost", "TOO_SMALL"),
            ("responseTimeMs", "TOO_SMALL"),
            ("errorMessage", "MALFORMED"),
        ],
    ),
]


def test_input_beyond_its_bounds_is_refused_with_every_problem(api: RunningApi, database: str, team: TeamRow) -> None:
    asked = {"sessionId": team.sessions[0].node_id, "model": "m", "success": True}
    with unchanged(database):
        for given, problems in PROBLEMS:
            assert problems_of(run(api, "recordUsage", **asked | given)) == problems, given


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("model", [None, 1, True, [], {}]),
        ("success", [None, 1, "yes", []]),
        ("tokensUsed", [1.5, 2**31, 2**63, "1", True, []]),
        ("estimatedCost", ["NaN", "1", True, []]),
        ("responseTimeMs", [1.5, 2**31, 2**63, "1", True]),
        ("errorMessage", [1, True, []]),
    ],
)
def test_a_value_of_another_type_is_the_callers_mistake(
    api: RunningApi, database: str, team: TeamRow, field: str, values: list[Any]
) -> None:
    """Also a number beyond its type: none of them wraps around on its way into a column."""
    asked = {"sessionId": team.sessions[0].node_id, "model": "m", "success": True}
    with unchanged(database):
        for given in values:
            error = api.error(document("recordUsage"), {"input": asked | {field: given}})
            assert error["extensions"]["code"] == "BAD_USER_INPUT", given


def test_what_was_under_way_is_recorded_after_the_session_or_the_team_was_closed(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    run_sql(
        database,
        "UPDATE chat_sessions SET closed_at = now()",
        "UPDATE teams SET is_active = false",
        "UPDATE api_keys SET is_active = false",
    )
    record(api, team.sessions[0].node_id)
    assert len(rows(database, LOGS)) == 1


def test_who_may_record_usage_of_a_session(api: RunningApi, database: str, team: TeamRow) -> None:
    (stranger,) = populate(database, platform_name="stranger", display_name="stranger", messages=0)
    sessions = {
        "own": team.sessions[0].node_id,
        "stranger's": stranger.sessions[0].node_id,
        "telegram": add_session(database, "telegram", "u"),
        "internal": add_session(database, "internal", "u"),
        "team on telegram": add_session(database, "telegram", "u", team=stranger.id),
    }
    callers = {
        "admin": (api, set(sessions)),
        "owner": (api.by(team.keys[0].secret), {"own"}),
        "other key": (api.by(team.keys[1].secret), set[str]()),
        "another team": (api.by(stranger.keys[0].secret), {"stranger's", "team on telegram"}),
        "telegram": (api.by(TELEGRAM_KEY), {"telegram"}),
        "internal": (api.by(INTERNAL_KEY), {"internal"}),
    }
    for name, (caller, served) in callers.items():
        nowhere = caller.post(
            document("recordUsage"), {"input": {"sessionId": encoded("Session:999"), "model": "m", "success": True}}
        )
        assert nowhere.json()["data"]["result"]["__typename"] == "SessionNotFound"
        for session, node_id in sessions.items():
            asked = {"sessionId": node_id, "model": "m", "success": True}
            if session in served:
                assert run(caller, "recordUsage", **asked)["__typename"] == "RecordUsageSuccess", (name, session)
                continue
            with unchanged(database):
                answer = caller.post(document("recordUsage"), {"input": asked})
            assert answer.content == nowhere.content, (name, session)


def test_an_id_that_names_no_session_is_session_not_found(api: RunningApi, database: str, team: TeamRow) -> None:
    assert encoded("Session:1") == team.sessions[0].node_id
    with unchanged(database):
        for node_id in strange_ids("Session"):
            result = run(api, "recordUsage", sessionId=node_id, model="m", success=True)
            assert result["__typename"] == "SessionNotFound", node_id


@pytest.mark.parametrize(
    ("given", "own_quota", "count"),
    [
        # The session, the log; then the team, what it used, and the key.
        ({}, "NULL", 5),
        # And what the key used, where it has a quota of its own.
        ({}, "7", 6),
        ({"sessionId": encoded("Session:999")}, "NULL", 1),
        ({"sessionId": "nonsense"}, "NULL", 0),
        ({"model": ""}, "NULL", 0),
    ],
)
def test_how_many_statements_a_record_takes(
    api: RunningApi, database: str, team: TeamRow, given: dict[str, Any], own_quota: str, count: int
) -> None:
    run_sql(database, f"UPDATE api_keys SET daily_quota = {own_quota}")  # noqa: S608 - ours
    with api.counted() as statements:
        run(api, "recordUsage", **{"sessionId": team.sessions[0].node_id, "model": "m", "success": True} | given)
    assert len(statements) == count, statements


def test_a_record_without_a_team_takes_three_statements(api: RunningApi, database: str) -> None:
    session = add_session(database, "telegram", "u")
    with api.counted() as statements:
        record(api, session)
    assert len(statements) == 3, statements
