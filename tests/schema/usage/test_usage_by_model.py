"""UsageSummary.byModel: the models with the most requests, asked of the database where they are asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.conftest import run_sql
from tests.schema.usage.asking import log_of, usage_of, write_logs
from tests.schema.world import populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi
    from tests.schema.world import TeamRow

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
MAY = {"from": "2024-05-01T00:00:00Z", "to": "2024-05-04T00:00:00Z"}
IN_MAY = f'usage(from: "{MAY["from"]}", to: "{MAY["to"]}")'


def write_models(address: str, team: TeamRow, *, requests: dict[str, int]) -> None:
    """Insert a log of each model."""
    logs: list[dict[str, Any]] = [
        log_of(team, NOON, model_used=model, request_count=count, tokens_used=2 * count)
        for model, count in requests.items()
    ]
    write_logs(address, *logs)


def models(usage: dict[str, Any]) -> list[tuple[str, int]]:
    """Give the models that are shown, with their requests."""
    return [(model["model"], model["requests"]) for model in usage["byModel"]]


def test_of_many_models_those_with_the_most_requests_are_shown_and_all_count(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    # The names say nothing of the order.
    requests = {f"model-{number * 37 % 150:03}": 1 + number for number in range(150)}
    write_models(database, team, requests=requests)
    usage = usage_of(api, team, **MAY)
    assert models(usage) == sorted(requests.items(), key=lambda item: -item[1])[:100]
    assert all(model["tokens"] == 2 * model["requests"] for model in usage["byModel"])
    assert (usage["requests"], usage["tokens"]) == (sum(range(151)), 2 * sum(range(151)))


def test_of_models_with_as_many_requests_the_first_by_name_are_shown(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    # Names that the order of a language would put elsewhere.
    tied = [f"{letter}{number}" for letter in "aBéZ-" for number in range(30)]
    write_models(database, team, requests=dict.fromkeys(tied, 3) | {"z, less used": 2, "z, more used": 4})
    with api.counted() as sent:
        assert models(usage_of(api, team, **MAY)) == [("z, more used", 4), *((name, 3) for name in sorted(tied)[:99])]
    # The PostgreSQL of the tests knows no other order than this, so the names alone would not tell.
    assert 'COLLATE "C"' in sent[-1]


def test_what_adds_up_to_nothing_takes_no_place(api: RunningApi, database: str, team: TeamRow) -> None:
    write_models(database, team, requests={f"gone-{number}": 1 for number in range(100)})
    run_sql(database, "DELETE FROM usage_logs")
    # The last has no more requests than those that are gone, and comes after them by name.
    write_models(database, team, requests={"used": 1})
    write_logs(database, log_of(team, NOON, model_used="tokens alone", request_count=0, tokens_used=1))
    assert models(usage_of(api, team, **MAY)) == [("used", 1), ("tokens alone", 0)]


def test_requests_of_all_days_and_keys_decide_which_models_are_shown(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    write_models(database, team, requests={f"once-{number}": 3 for number in range(100)})
    write_logs(
        database,
        *(
            log_of(team, NOON.replace(day=day), key=key, model_used="often", request_count=1)
            for day in (1, 2)
            for key in (0, 1)
        ),
    )
    usage = usage_of(api, team, **MAY)
    assert (len(usage["byModel"]), models(usage)[0]) == (100, ("often", 4))


def test_each_team_has_its_own_models_however_many_others_have(api: RunningApi, database: str) -> None:
    teams = populate(database, teams=4, messages=0)
    used = [
        {f"team-{place}-model-{number:03}": 1000 * (4 - place) + number for number in range(count)}
        for place, count in enumerate((150, 3, 101, 0))
    ]
    for team, requests in zip(teams, used, strict=True):
        if requests:
            write_models(database, team, requests=requests)
    shown = api.execute(f"{{ teams {{ nodes {{ id {IN_MAY} {{ requests byModel {{ model requests }} }} }} }} }}")
    usage = {node["id"]: node["usage"] for node in shown["teams"]["nodes"]}
    for team, requests in zip(teams, used, strict=True):
        most = sorted(requests.items(), key=lambda item: -item[1])[:100]
        assert models(usage[team.node_id]) == most
        assert usage[team.node_id]["requests"] == sum(requests.values())
        # As it sees itself.
        assert models(usage_of(api.by(team.keys[0].secret), team, **MAY)) == most


def test_models_are_summed_up_for_nobody_who_does_not_ask_for_them(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    write_models(database, team, requests={"m": 1})
    everything_else = "requests tokens estimatedCost averageResponseMs byDay { day requests }"
    for fields, of_models in ((everything_else, []), (f"{everything_else} byModel {{ model }}", [False, True])):
        with api.counted() as sent:
            api.execute(f'{{ team(by: {{ id: "{team.node_id}" }}) {{ {IN_MAY} {{ {fields} }} }} }}')
        of_usage = [statement for statement in sent if "usage_totals" in statement]
        assert [".model" in statement for statement in of_usage] == (of_models or [False])
        assert any("GROUPING SETS" in statement for statement in of_usage)


def test_costs_beyond_what_a_float_holds_are_shown_as_the_largest_that_it_does(api: RunningApi, database: str) -> None:
    dear, negative = populate(database, teams=2, messages=0)
    largest = 1.7976931348623157e308
    for team, cost, shown in ((dear, 1.7e308, largest), (negative, -1.7e308, -largest)):
        write_logs(database, *(log_of(team, NOON, model_used="m", estimated_cost=cost) for _ in range(2)))
        usage = usage_of(api, team, **MAY)
        assert usage["estimatedCost"] == shown
        assert usage["byModel"] == [{"model": "m", "requests": 2, "tokens": 0, "estimatedCost": shown}]
        assert [day["estimatedCost"] for day in usage["byDay"]] == [shown, 0, 0]
