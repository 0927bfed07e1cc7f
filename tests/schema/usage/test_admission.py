"""admission: whether a session may make a request now, and everything that speaks against it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql
from tests.running_api import INTERNAL_KEY, TELEGRAM_KEY
from tests.schema.teams.documents import ADMISSION
from tests.schema.teams.ids import encoded, strange_ids
from tests.schema.teams.rows import insert_past_constraints, unchanged
from tests.schema.usage.asking import JUDGE, judged, log_of, write_logs
from tests.schema.world import add_session, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi
    from tests.schema.world import TeamRow

REASONS = ("TEAM_INACTIVE", "KEY_EXPIRED", "DAILY_QUOTA", "MONTHLY_QUOTA", "MODEL_NOT_AVAILABLE", "RATE_LIMIT")
# What makes each reason true, by SQL; the one that is left is about the request.
CAUSES = {
    "TEAM_INACTIVE": "UPDATE teams SET is_active = false",
    "KEY_EXPIRED": "UPDATE api_keys SET expires_at = '2020-01-01'",
    "DAILY_QUOTA": "UPDATE teams SET daily_quota = 1",
    "MONTHLY_QUOTA": "UPDATE teams SET monthly_quota = 2",
    "RATE_LIMIT": "INSERT INTO admission_windows SELECT id, ARRAY[now() + interval '30 seconds'] FROM chat_sessions",
}


@pytest.fixture
def session(database: str, team: TeamRow, noon: datetime) -> str:
    """A session of a team that used one request today and two this month, at a rate limit of one."""
    run_sql(database, "UPDATE teams SET rate_limit = 1")
    write_logs(database, log_of(team, noon), log_of(team, noon - timedelta(days=1)))
    return team.sessions[0].node_id


def give_cause(database: str, *reasons: str) -> dict[str, str]:
    """Make these reasons true, and give what the request has to ask for."""
    run_sql(database, *(CAUSES[reason] for reason in reasons if reason in CAUSES))
    return {"model": "nobody/has-this"} if "MODEL_NOT_AVAILABLE" in reasons else {}


@pytest.mark.parametrize(
    "reasons",
    [(), *combinations(REASONS, 1), *combinations(REASONS, 2), REASONS[1:], REASONS],
    ids=lambda reasons: "+".join(reasons) or "none",
)
def test_every_reason_is_named_alone_and_with_others(
    api: RunningApi, database: str, session: str, reasons: tuple[str, ...]
) -> None:
    asked = give_cause(database, *reasons)
    with unchanged(database):
        verdict = judged(api, session, **asked)
    assert verdict["reasons"] == list(reasons)
    assert verdict["allowed"] is (not reasons)


def test_a_revoked_key_is_one_that_works_no_longer(api: RunningApi, database: str, session: str, team: TeamRow) -> None:
    run_sql(database, f"UPDATE api_keys SET is_active = false WHERE id = {team.keys[0].id}")  # noqa: S608 - a number of ours
    for caller in (api, api.by(team.keys[1].secret)):
        assert judged(caller, session)["reasons"] == ["KEY_EXPIRED"]


@pytest.mark.parametrize("expires", ["NULL", "timezone('utc', now()) + interval '1 hour'"])
def test_a_key_that_still_works_is_no_reason(api: RunningApi, database: str, session: str, expires: str) -> None:
    run_sql(database, f"UPDATE api_keys SET expires_at = {expires}")  # noqa: S608 - ours
    assert judged(api, session)["allowed"]


LIMITS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("NULL", "NULL", "0", {"kind": "RATE_LIMIT", "limit": 20, "used": 0, "remaining": 20}),
    ("NULL", "NULL", "2", {"kind": "RATE_LIMIT", "limit": 20, "used": 2, "remaining": 18}),
    ("20", "100", "0", {"kind": "DAILY_QUOTA", "limit": 20, "used": 1, "remaining": 19}),
    ("100", "10", "5", {"kind": "MONTHLY_QUOTA", "limit": 10, "used": 2, "remaining": 8}),
    ("5", "6", "0", {"kind": "MONTHLY_QUOTA", "limit": 6, "used": 2, "remaining": 4}),
    ("0", "1", "0", {"kind": "MONTHLY_QUOTA", "limit": 1, "used": 2, "remaining": 0}),
    ("1", "100", "19", {"kind": "DAILY_QUOTA", "limit": 1, "used": 1, "remaining": 0}),
    ("20", "21", "0", {"kind": "MONTHLY_QUOTA", "limit": 21, "used": 2, "remaining": 19}),
]


@pytest.mark.parametrize(("daily", "monthly", "taken", "expected"), LIMITS)
def test_the_binding_limit_is_the_one_with_the_least_remaining_that_resets_last(
    api: RunningApi, database: str, session: str, daily: str, monthly: str, taken: str, expected: dict[str, Any]
) -> None:
    run_sql(
        database,
        f"UPDATE teams SET rate_limit = NULL, daily_quota = {daily}, monthly_quota = {monthly}",  # noqa: S608 - ours
        "INSERT INTO admission_windows"  # noqa: S608 - ours
        f" SELECT id, array_fill(now() + interval '30 seconds', ARRAY[{taken}]) FROM chat_sessions",
    )
    binding = judged(api, session)["bindingLimit"]
    resets_at = binding.pop("resetsAt")
    assert binding == expected
    if expected["kind"] != "RATE_LIMIT":
        assert (
            resets_at
            == {"DAILY_QUOTA": "2024-05-16T00:00:00Z", "MONTHLY_QUOTA": "2024-06-01T00:00:00Z"}[expected["kind"]]
        )


def test_the_rate_limit_says_to_the_microsecond_when_the_next_place_is_free(
    api: RunningApi, database: str, session: str
) -> None:
    run_sql(database, "UPDATE teams SET rate_limit = 2")
    now = datetime.now(UTC)
    # One is gone already, and of the three that count two have to go.
    moments = [now - timedelta(seconds=60), *(now + timedelta(seconds=seconds) for seconds in (1, 20, 30))]
    stored = ", ".join([f"'{moment.isoformat()}'" for moment in moments])
    run_sql(database, f"INSERT INTO admission_windows SELECT id, ARRAY[{stored}]::timestamptz[] FROM chat_sessions")  # noqa: S608 - ours
    verdict = judged(api, session)
    assert verdict["reasons"] == ["RATE_LIMIT"]
    binding = verdict["bindingLimit"]
    assert datetime.fromisoformat(binding.pop("resetsAt")) == moments[2] + timedelta(minutes=1)
    assert binding == {"kind": "RATE_LIMIT", "limit": 2, "used": 3, "remaining": 0}


@pytest.mark.parametrize("model", ["openai/gpt-4o-mini", None, ""])
def test_the_model_is_one_of_the_sessions_or_none_of_them(
    api: RunningApi, database: str, session: str, model: str | None
) -> None:
    """Null and absent stand for the model in use, which is always available; an empty name does not."""
    expected = [] if model != "" else ["MODEL_NOT_AVAILABLE"]
    assert judged(api, session, model=model)["reasons"] == expected
    literal = "null" if model is None else f'"{model}"'
    document = f'{{ admission(sessionId: "{session}", model: {literal}) {{ {ADMISSION} }} }}'
    assert api.execute(document)["admission"]["reasons"] == expected
    run_sql(database, "UPDATE teams SET available_models = '[\"only/this\"]'")
    assert judged(api, session, model=model)["reasons"] == ([] if model is None else ["MODEL_NOT_AVAILABLE"])
    assert judged(api, session, model="only/this")["allowed"]


def test_a_key_is_held_to_its_own_quota_and_to_its_teams_where_it_has_none(
    api: RunningApi, database: str, session: str, team: TeamRow, noon: datetime
) -> None:
    write_logs(database, log_of(team, noon, key=1, request_count=10))
    run_sql(
        database,
        "UPDATE teams SET rate_limit = 1000, daily_quota = 5, monthly_quota = 5",
        f"UPDATE api_keys SET daily_quota = 2 WHERE id = {team.keys[0].id}",  # noqa: S608 - a number of ours
    )
    assert judged(api, session)["reasons"] == ["MONTHLY_QUOTA"]
    run_sql(database, f"UPDATE api_keys SET monthly_quota = 3 WHERE id = {team.keys[0].id}")  # noqa: S608 - a number of ours
    verdict = judged(api, session)
    assert verdict["allowed"]
    assert (verdict["bindingLimit"]["kind"], verdict["bindingLimit"]["used"]) == ("MONTHLY_QUOTA", 2)


@pytest.mark.usefixtures("noon")
def test_a_session_without_an_owner_is_judged_by_the_key_that_asks(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    session = add_session(database, team.platform_name, "unowned", team=team.id)
    run_sql(database, f"UPDATE api_keys SET daily_quota = 0 WHERE id = {team.keys[0].id}")  # noqa: S608 - a number of ours
    assert judged(api.by(team.keys[0].secret), session)["reasons"] == ["DAILY_QUOTA"]
    assert judged(api.by(team.keys[1].secret), session)["reasons"] == []
    assert judged(api, session)["reasons"] == []


def test_a_negative_quota_of_old_allows_nothing(api: RunningApi, database: str) -> None:
    row_id = insert_past_constraints(database, daily_quota="-5")
    verdict = judged(api, add_session(database, "old", "u", team=row_id))
    assert verdict["reasons"] == ["DAILY_QUOTA"]
    assert (verdict["bindingLimit"]["limit"], verdict["bindingLimit"]["remaining"]) == (0, 0)


def test_a_session_without_a_team_has_a_rate_limit_alone(api: RunningApi, database: str, noon: datetime) -> None:
    write_logs(database, {"platform": "telegram", "timestamp": noon, "request_count": 1000})
    for platform, limit in (("telegram", 20), ("internal", 60)):
        verdict = judged(api, add_session(database, platform, "u"))
        assert verdict["allowed"]
        assert (verdict["bindingLimit"]["kind"], verdict["bindingLimit"]["limit"]) == ("RATE_LIMIT", limit)


def test_who_may_ask_and_that_foreign_sessions_are_answered_as_those_that_do_not_exist(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    """The other keys of a team may look; to be admitted is another matter, see admitRequest."""
    (stranger,) = populate(database, platform_name="stranger", display_name="stranger", messages=0)
    sessions = {
        "own": team.sessions[0].node_id,
        "stranger's": stranger.sessions[0].node_id,
        "telegram": add_session(database, "telegram", "u"),
        "internal": add_session(database, "internal", "u"),
    }
    callers = {
        "admin": (api, set(sessions)),
        "owner": (api.by(team.keys[0].secret), {"own"}),
        "other key": (api.by(team.keys[1].secret), {"own"}),
        "another team": (api.by(stranger.keys[0].secret), {"stranger's"}),
        "telegram": (api.by(TELEGRAM_KEY), {"telegram"}),
        "internal": (api.by(INTERNAL_KEY), {"internal"}),
    }
    for name, (caller, seen) in callers.items():
        nowhere = caller.post(JUDGE, {"id": encoded("Session:999")}).content
        for session, node_id in sessions.items():
            answer = caller.post(JUDGE, {"id": node_id})
            assert (answer.content != nowhere) is (session in seen), (name, session)
            if session in seen:
                assert answer.json()["data"]["admission"]["allowed"], (name, session)


def test_an_id_that_names_no_session_is_the_callers_mistake(api: RunningApi, team: TeamRow) -> None:
    assert encoded("Session:1") == team.sessions[0].node_id
    for node_id in strange_ids("Session"):
        error = api.error(JUDGE, {"id": node_id})
        assert (error["message"], error["extensions"]["code"]) == ("`sessionId` names no session.", "BAD_USER_INPUT")
