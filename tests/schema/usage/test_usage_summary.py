"""Team.usage: whole UTC days without gaps, by model, and exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql
from tests.schema.teams.documents import literal
from tests.schema.teams.rows import unchanged
from tests.schema.usage.asking import USAGE, USAGE_OF_TEAM, log_of, usage_of, write_logs
from tests.schema.world import populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi
    from tests.schema.world import TeamRow

NOTHING = {"requests": 0, "successes": 0, "tokens": 0, "estimatedCost": 0}
MAY = {"from": "2024-05-01T00:00:00Z", "to": "2024-05-04T00:00:00Z"}


def moment(day: int, hour: int = 12) -> datetime:
    """Give a moment in May."""
    return datetime(2024, 5, day, hour, tzinfo=UTC)


def test_a_period_without_usage_has_its_days_and_no_models(api: RunningApi, team: TeamRow) -> None:
    assert usage_of(api, team, **MAY) == NOTHING | MAY | {
        "failures": 0,
        "averageResponseMs": None,
        "byModel": [],
        "byDay": [{"day": f"2024-05-0{day}T00:00:00Z"} | NOTHING for day in (1, 2, 3)],
    }


def test_usage_is_summed_up_by_day_and_by_model(api: RunningApi, database: str) -> None:
    team, other = populate(database, teams=2, messages=0)
    write_logs(
        database,
        log_of(team, moment(1), model_used="b", tokens_used=10, estimated_cost=0.1, response_time_ms=100),
        log_of(team, moment(1), model_used="b", tokens_used=5, estimated_cost=0.2, success=False, key=1),
        log_of(team, moment(3), model_used="a", request_count=4, tokens_used=1, response_time_ms=51, key=None),
        log_of(team, moment(3), model_used="B", estimated_cost=1.5),
        log_of(team, moment(3), model_used=None, success=False),
        # Outside of the period, or of another team.
        log_of(team, moment(4, 0), tokens_used=1000),
        log_of(team, moment(1, 0) - timedelta(microseconds=1), tokens_used=1000),
        log_of(other, moment(1), tokens_used=1000),
    )
    usage = usage_of(api, team, **MAY)
    assert usage == MAY | {
        "requests": 8,
        "successes": 6,
        "failures": 2,
        "tokens": 16,
        "estimatedCost": 1.8,
        "averageResponseMs": 75.5,
        "byModel": [
            {"model": "a", "requests": 4, "tokens": 1, "estimatedCost": 0},
            {"model": "b", "requests": 2, "tokens": 15, "estimatedCost": 0.3},
            # Of as many requests each: by name.
            {"model": "", "requests": 1, "tokens": 0, "estimatedCost": 0},
            {"model": "B", "requests": 1, "tokens": 0, "estimatedCost": 1.5},
        ],
        "byDay": [
            {"day": "2024-05-01T00:00:00Z", "requests": 2, "successes": 1, "tokens": 15, "estimatedCost": 0.3},
            {"day": "2024-05-02T00:00:00Z"} | NOTHING,
            {"day": "2024-05-03T00:00:00Z", "requests": 6, "successes": 5, "tokens": 1, "estimatedCost": 1.5},
        ],
    }
    assert usage_of(api.by(team.keys[1].secret), team, **MAY) == usage


def test_many_models_on_many_days_all_add_up(api: RunningApi, database: str, team: TeamRow) -> None:
    logs = [
        log_of(
            team,
            datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number % 366),
            model_used=f"model-{number % 40}",
            tokens_used=number,
            success=number % 3 > 0,
            estimated_cost=0.1,
        )
        for number in range(1500)
    ]
    write_logs(database, *logs)
    usage = usage_of(api, team, **{"from": "2024-01-01T00:00:00Z", "to": "2025-01-01T00:00:00Z"})
    assert (usage["requests"], usage["successes"], usage["failures"]) == (1500, 1000, 500)
    assert (usage["tokens"], usage["estimatedCost"]) == (sum(range(1500)), 150)
    assert (len(usage["byDay"]), len(usage["byModel"])) == (366, 40)
    for parts in (usage["byDay"], usage["byModel"]):
        assert sum(part["requests"] for part in parts) == 1500
        assert sum(part["tokens"] for part in parts) == usage["tokens"]
    days = [part["day"] for part in usage["byDay"]]
    assert days == sorted(set(days))


def test_logs_that_are_changed_or_deleted_are_changed_in_the_summary(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    first, _ = write_logs(database, log_of(team, moment(1), tokens_used=7), log_of(team, moment(2), tokens_used=8))
    run_sql(
        database,
        f"UPDATE usage_logs SET timestamp = '2024-05-03', model_used = 'new', tokens_used = 9 WHERE id = {first}",  # noqa: S608 - a number of ours
    )
    usage = usage_of(api, team, **MAY)
    assert [day["tokens"] for day in usage["byDay"]] == [0, 8, 9]
    assert {model["model"]: model["tokens"] for model in usage["byModel"]} == {"m": 8, "new": 9}
    run_sql(database, f"DELETE FROM usage_logs WHERE id = {first}")  # noqa: S608 - a number of ours
    usage = usage_of(api, team, **MAY)
    assert usage["tokens"] == 8
    assert [model["model"] for model in usage["byModel"]] == ["m"]


def test_a_model_of_which_nothing_is_left_is_not_listed(api: RunningApi, database: str, team: TeamRow) -> None:
    write_logs(database, log_of(team, moment(1)))
    run_sql(database, "DELETE FROM usage_logs")
    assert usage_of(api, team, **MAY)["byModel"] == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        # Whole days: all that a moment lies in.
        (("2024-05-01T12:00:00Z", "2024-05-02T00:00:01Z"), ("2024-05-01", "2024-05-03")),
        (("2024-05-01T23:59:59.999999Z", "2024-05-02T00:00:00Z"), ("2024-05-01", "2024-05-02")),
        # The zone decides in which day.
        (("2024-05-01T01:00:00+02:00", "2024-05-01T23:00:00-02:00"), ("2024-04-30", "2024-05-03")),
        (("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"), ("2024-01-01", "2025-01-01")),
        ((None, "2024-03-01T00:00:00Z"), ("2024-01-31", "2024-03-01")),
        (("2024-05-15T12:00:00Z", None), ("2024-05-15", "2024-05-16")),
        (("2024-02-28T12:00:00Z", None), ("2024-02-28", "2024-05-16")),
        ((None, None), ("2024-04-16", "2024-05-16")),
    ],
)
@pytest.mark.usefixtures("noon")
def test_moments_in_days_make_whole_days(
    api: RunningApi, team: TeamRow, given: tuple[str | None, str | None], shown: tuple[str, str]
) -> None:
    """Null and absent are the same, as variables and as literals."""
    expected = [f"{day}T00:00:00Z" for day in shown]
    named = dict(zip(("from", "to"), given, strict=True))
    present = {name: value for name, value in named.items() if value is not None}
    for arguments in (named, present):
        usage = usage_of(api, team, **arguments)
        assert [usage["from"], usage["to"]] == expected
        given_literally = ", ".join([f"{name}: {literal(value)}" for name, value in arguments.items()])
        field = f"usage({given_literally})" if given_literally else "usage"
        document = f'{{ team(by: {{ id: "{team.node_id}" }}) {{ {field} {{ {USAGE} }} }} }}'
        assert api.execute(document)["team"]["usage"] == usage
    assert usage["byDay"][0]["day"] == expected[0]
    assert len(usage["byDay"]) == (datetime.fromisoformat(expected[1]) - datetime.fromisoformat(expected[0])).days


PERIODS_THAT_CANNOT_BE: list[tuple[dict[str, str], str]] = [
    ({"from": "2024-05-02T00:00:00Z", "to": "2024-05-02T00:00:00Z"}, "before"),
    ({"from": "2024-05-02T13:00:00Z", "to": "2024-05-02T12:00:00Z"}, "before"),
    ({"from": "2024-05-03T00:00:00Z", "to": "2024-05-02T00:00:00Z"}, "before"),
    ({"from": "9998-01-01T00:00:00Z"}, "before"),
    ({"from": "2024-01-01T00:00:00Z", "to": "2025-01-01T00:00:01Z"}, "at most 366 days"),
    ({"from": "2001-01-01T00:00:00Z"}, "at most 366 days"),
    ({"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T00:00:00Z"}, "at most 366 days"),
    ({"to": "0001-01-01T00:00:00Z"}, "years 1 to 9999"),
    ({"to": "9999-12-31T23:59:59Z"}, "years 1 to 9999"),
]


@pytest.mark.parametrize(("given", "fact"), PERIODS_THAT_CANNOT_BE)
def test_a_period_that_cannot_be_is_the_callers_mistake(
    api: RunningApi, team: TeamRow, given: dict[str, str], fact: str
) -> None:
    error = api.error(USAGE_OF_TEAM, {"id": team.node_id, **given})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert fact in error["message"]


@pytest.mark.parametrize("given", ["2024-05-01", "2024-05-01T00:00:00", "yesterday", "", 1714521600, True])
def test_what_names_no_moment_is_the_callers_mistake(api: RunningApi, team: TeamRow, given: object) -> None:
    error = api.error(USAGE_OF_TEAM, {"id": team.node_id, "from": given})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


UPDATE = """mutation%s { updateTeam(input: {id: "%s", dailyQuota: 5}) {
  ... on UpdateTeamSuccess { team { usage(%s) { requests from to } } } } }"""


@pytest.mark.parametrize(("given", "fact"), PERIODS_THAT_CANNOT_BE)
def test_a_period_in_a_payload_is_judged_before_the_change_is_made(
    api: RunningApi, database: str, team: TeamRow, given: dict[str, str], fact: str
) -> None:
    declared = ", ".join([f"${name}: DateTime" for name in given])
    in_default = ", ".join([f"${name}: DateTime = {literal(value)}" for name, value in given.items()])
    as_variables = ", ".join([f"{name}: ${name}" for name in given])
    as_literals = ", ".join([f"{name}: {literal(value)}" for name, value in given.items()])
    forms: list[tuple[str, dict[str, Any]]] = [
        (UPDATE % ("", team.node_id, as_literals), {}),
        (UPDATE % (f"({declared})", team.node_id, as_variables), given),
        (UPDATE % (f"({in_default})", team.node_id, as_variables), {}),
    ]
    with unchanged(database):
        for document, variables in forms:
            error = api.error(document, variables)
            assert error["extensions"]["code"] == "BAD_USER_INPUT"
            assert fact in error["message"]


def test_a_period_in_a_payload_that_can_be_is_summed_up(api: RunningApi, database: str, team: TeamRow) -> None:
    write_logs(database, log_of(team, moment(1)))
    document = UPDATE % ("($from: DateTime)", team.node_id, f'from: $from, to: "{MAY["to"]}"')
    result = api.execute(document, {"from": MAY["from"]})["updateTeam"]
    assert result["team"]["usage"] == {"requests": 1} | MAY
