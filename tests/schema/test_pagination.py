"""Pages: each row once in the order asked for, whatever happens in between, and no cursor that breaks anything."""

from __future__ import annotations

import base64
import itertools
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from db.models import ApiKey, Team
from domain.api_key import new_api_key
from tests.conftest import run_sql
from tests.schema.documents import NESTED, PAGE
from tests.schema.world import LONG_AGO, add, add_session, add_teams, populate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.running_api import RunningApi

BAD_USER_INPUT = "BAD_USER_INPUT"

TEAMS = """query($first: Int, $after: String, $last: Int, $before: String, $order: TeamOrder) {
    teams(first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
        nodes { platformName } edges { cursor node { platformName } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}"""
ORDERS = [
    {"field": field, "direction": direction}
    for field in ("DISPLAY_NAME", "PLATFORM_NAME", "CREATED_AT", "UPDATED_AT")
    for direction in ("ASC", "DESC")
]
# Names go up, display names down; three teams share each moment, so that only the id tells them apart.
MANY: list[dict[str, Any]] = [
    {
        "platform_name": f"name-{place:02}",
        "display_name": f"shown-{99 - place}",
        "created_at": LONG_AGO + timedelta(days=place // 3),
        "updated_at": LONG_AGO - timedelta(microseconds=place // 3),
    }
    for place in range(13)
]
IN_ORDER: dict[str, Callable[[dict[str, Any]], Any]] = {
    "DISPLAY_NAME": lambda row: row["display_name"],
    "PLATFORM_NAME": lambda row: row["platform_name"],
    "CREATED_AT": lambda row: (row["created_at"], row["platform_name"]),
    "UPDATED_AT": lambda row: (row["updated_at"], row["platform_name"]),
}


@pytest.fixture(scope="module")
def teams_api(module_api: RunningApi, module_database: str) -> RunningApi:
    """A server over the teams above and nothing else."""
    add_teams(module_database, *MANY)
    return module_api


def expected_names(order: dict[str, str], rows: list[dict[str, Any]] = MANY) -> list[str]:
    """Give the platform names in order."""
    ordered = sorted(rows, key=IN_ORDER[order["field"]], reverse=order["direction"] == "DESC")
    return [row["platform_name"] for row in ordered]


def pages(api: RunningApi, size: int, *, backward: bool = False, **variables: Any) -> Iterator[dict[str, Any]]:
    """Walk over all pages of teams, from the end if `backward`."""
    cursor = None
    while True:
        place = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        page = api.execute(TEAMS, {**variables, **place})["teams"]
        yield page
        if not page["pageInfo"]["hasPreviousPage" if backward else "hasNextPage"]:
            return
        cursor = page["pageInfo"]["startCursor" if backward else "endCursor"]


def names_of(page: dict[str, Any]) -> list[str]:
    return [node["platformName"] for node in page["nodes"]]


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: " ".join(order.values()))
def test_walking_over_all_pages_shows_each_team_once_in_order(
    teams_api: RunningApi, order: dict[str, str], *, backward: bool
) -> None:
    walked = list(pages(teams_api, 5, backward=backward, order=order))
    assert [len(page["nodes"]) for page in walked] == [5, 5, 3]
    names = [names_of(page) for page in (reversed(walked) if backward else walked)]
    assert list(itertools.chain.from_iterable(names)) == expected_names(order)
    for place, page in enumerate(walked):
        cursors = [edge["cursor"] for edge in page["edges"]]
        ahead, behind = place < len(walked) - 1, place > 0
        assert page["pageInfo"] == {
            "hasNextPage": behind if backward else ahead,
            "hasPreviousPage": ahead if backward else behind,
            "startCursor": cursors[0],
            "endCursor": cursors[-1],
        }
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: " ".join(order.values()))
def test_rows_that_come_and_go_between_pages_shift_nothing(
    api: RunningApi, database: str, order: dict[str, str], *, backward: bool
) -> None:
    add_teams(database, *MANY)
    goes_on = iter(pages(api, 2, backward=backward, order=order))
    seen = names_of(next(goes_on))
    # Behind the page: one row is new, and one that was shown is gone. Ahead of it: one row is new.
    ends = ({"AAA": -1, "zzz": 99}, {"zzz": 99, "AAA": -1})[(order["direction"] == "DESC") is not backward]
    new: list[dict[str, Any]] = [
        {
            "platform_name": name,
            "display_name": name,
            "created_at": LONG_AGO + timedelta(days=days),
            "updated_at": LONG_AGO + timedelta(days=days),
        }
        for name, days in ends.items()
    ]
    add(database, Team, *new)
    run_sql(database, f"DELETE FROM teams WHERE platform_name = '{seen[0 if backward else -1]}'")  # noqa: S608 - a name from above
    seen += [name for page in goes_on for name in names_of(page)]
    assert sorted(seen) == sorted([row["platform_name"] for row in MANY] + [list(ends)[-1]])


@pytest.mark.parametrize("order", ORDERS[:2], ids=lambda order: " ".join(order.values()))
def test_a_page_lies_between_its_cursors(teams_api: RunningApi, order: dict[str, str]) -> None:
    cursors = [edge["cursor"] for edge in teams_api.execute(TEAMS, {"order": order})["teams"]["edges"]]
    between = {"order": order, "after": cursors[2], "before": cursors[8]}
    whole = expected_names(order)
    forward = teams_api.execute(TEAMS, {**between, "first": 3})["teams"]
    backward = teams_api.execute(TEAMS, {**between, "last": 3})["teams"]
    assert names_of(forward) == whole[3:6]
    assert names_of(backward) == whole[5:8]
    for page in (forward, backward):
        assert page["pageInfo"]["hasNextPage"]
        assert page["pageInfo"]["hasPreviousPage"]


def test_a_page_that_reaches_its_before_cursor_has_a_next_page(teams_api: RunningApi) -> None:
    cursors = [edge["cursor"] for edge in teams_api.execute(TEAMS)["teams"]["edges"]]
    page = teams_api.execute(TEAMS, {"first": 5, "before": cursors[2]})["teams"]
    assert names_of(page) == expected_names(ORDERS[0])[:2]
    assert page["pageInfo"]["hasNextPage"], "the team that the cursor came from follows"
    page = teams_api.execute(TEAMS, {"last": 5, "after": cursors[-3]})["teams"]
    assert names_of(page) == expected_names(ORDERS[0])[-2:]
    assert page["pageInfo"]["hasPreviousPage"], "the team that the cursor came from precedes"


def test_a_page_past_the_end_is_empty(teams_api: RunningApi) -> None:
    (page,) = pages(teams_api, 100)
    beyond = teams_api.execute(TEAMS, {"first": 5, "after": page["pageInfo"]["endCursor"]})["teams"]
    ahead = teams_api.execute(TEAMS, {"last": 5, "before": page["pageInfo"]["startCursor"]})["teams"]
    empty = {"startCursor": None, "endCursor": None}
    assert beyond["nodes"] == beyond["edges"] == ahead["nodes"] == []
    assert beyond["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True, **empty}
    assert ahead["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False, **empty}


def test_nothing_at_all_is_an_empty_page(api: RunningApi) -> None:
    page = api.execute("{ teams { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor } } }")
    assert page["teams"] == {
        "totalCount": 0,
        "nodes": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None},
    }


def test_the_total_counts_all_pages(teams_api: RunningApi) -> None:
    page = teams_api.execute('{ teams(first: 2, filter: {search: "name-0"}) { totalCount nodes { id } } }')["teams"]
    assert (page["totalCount"], len(page["nodes"])) == (10, 2)


@pytest.mark.parametrize(("of", "under"), list(itertools.permutations(ORDERS[:3], 2)))
def test_a_cursor_is_refused_under_another_order(
    teams_api: RunningApi, of: dict[str, str], under: dict[str, str]
) -> None:
    cursor = next(pages(teams_api, 1, order=of))["pageInfo"]["endCursor"]
    for argument in ("after", "before"):
        error = teams_api.error(TEAMS, {argument: cursor, "order": under})
        assert error["extensions"]["code"] == BAD_USER_INPUT
        assert f"`{argument}`" in error["message"]
        assert "order" in error["message"]


@pytest.mark.parametrize("name", NESTED)
def test_nested_pages_show_each_row_once_also_when_the_row_of_a_cursor_is_deleted(
    api: RunningApi, database: str, name: str
) -> None:
    (team,) = populate(database, keys=7, sessions=7, messages=7)
    session = team.sessions[0]
    # Ties, which the id has to settle: newest or latest first, or oldest first.
    run_sql(
        database,
        "UPDATE api_keys SET created_at = '2024-01-01'",
        "UPDATE chat_sessions SET last_activity_at = '2024-01-01'",
        "UPDATE messages SET cleared_at = '2024-01-01' WHERE content = 'message 0'",
    )
    parent, whole, table = {
        "apiKeys": (team.node_id, [key.node_id for key in reversed(team.keys)], "api_keys"),
        "sessions": (team.node_id, [row.node_id for row in reversed(team.sessions)], "chat_sessions"),
        "messages": (session.node_id, list(session.messages[1:]), "messages"),
        "all messages": (session.node_id, list(session.messages), "messages"),
    }[name]
    seen: list[str] = []
    cursor, more = None, True
    while more:
        page = api.execute(NESTED[name] % PAGE, {"id": parent, "first": 2, "after": cursor})["node"]["page"]
        assert page["pageInfo"]["hasPreviousPage"] is (cursor is not None)
        seen += [node["id"] for node in page["nodes"]]
        more, cursor = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
        assert [cursor] == [edge["cursor"] for edge in page["edges"]][-1:]
        row_id = base64.b64decode(seen[-1]).decode().partition(":")[2]
        run_sql(
            database,
            "UPDATE chat_sessions SET api_key_id = NULL",
            "UPDATE messages SET api_key_id = NULL",
            f"DELETE FROM {table} WHERE id = {row_id}",  # noqa: S608 - an id from above
        )
    assert seen == whole


def test_rows_with_ids_beyond_32_bits_have_cursors_too(api: RunningApi, database: str) -> None:
    """The ids of sessions are 64 bits wide."""
    add_session(database, "p", "a")
    add_session(database, "p", "b")
    run_sql(database, "UPDATE chat_sessions SET id = id + 3000000000, last_activity_at = '2024-01-01'")
    document = "query($after: String) { sessions(first: 1, after: $after) { nodes { userId } pageInfo { endCursor } } }"
    page = api.execute(document)["sessions"]
    assert page["nodes"] == [{"userId": "b"}]
    page = api.execute(document, {"after": page["pageInfo"]["endCursor"]})["sessions"]
    assert page["nodes"] == [{"userId": "a"}]


def test_keys_made_in_the_same_moment_are_newest_first(api: RunningApi, database: str) -> None:
    (team,) = populate(database, keys=0, sessions=0)
    rows = [
        {"key_hash": key.key_hash, "key_prefix": key.prefix, "name": f"{place}", "team_id": team.id, "created_at": when}
        for place, when in enumerate([LONG_AGO, LONG_AGO + timedelta(days=1), LONG_AGO])
        for key in (new_api_key(),)
    ]
    add(database, ApiKey, *rows)
    keys = api.execute("{ teams { nodes { apiKeys { nodes { name } } } } }")["teams"]["nodes"][0]["apiKeys"]["nodes"]
    assert [key["name"] for key in keys] == ["1", "2", "0"]
