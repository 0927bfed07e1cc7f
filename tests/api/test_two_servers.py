"""Sessions behind two processes at once: what each promises of a session holds for both together."""

from __future__ import annotations

import pytest

from tests.api.processes import ADMIN_KEY
from tests.api.runtime_calls import OPENED, TELEGRAM_KEY, Call, TwoServers
from tests.schema.teams.rows import row_id, rows, value

STORED = "... on AppendMessagesSuccess { messages { id content } }"
CLEARED = "... on ClearSessionHistorySuccess { clearedMessages }"


def batch(name: object, size: int = 10) -> list[dict[str, str]]:
    """Give messages that tell which batch they are of, and their place in it."""
    return [{"role": "USER", "content": f"{name}:{place}"} for place in range(size)]


@pytest.mark.parametrize("caller", ["admin", "service", "team"])
def test_a_hundred_openings_by_both_make_one_session(servers: TwoServers, module_database: str, caller: str) -> None:
    keys = {"admin": ADMIN_KEY, "service": TELEGRAM_KEY}
    given = {"platform": "telegram", "userId": f"a hundred by {caller}"}
    if caller == "team":
        _, issued = servers.team_with_keys("a hundred")
        keys["team"], given["platform"] = issued[0]["secret"], "web"
    results = servers.at_once([Call(keys[caller], "openSession", given, OPENED)] * 100)
    assert [result["created"] for result in results].count(True) == 1
    assert len({result["session"]["id"] for result in results}) == 1
    assert value(module_database, "SELECT count(*) FROM chat_sessions WHERE user_id = $1", given["userId"]) == 1


@pytest.mark.parametrize("unowned", [False, True], ids=["new", "owned by nobody"])
def test_of_two_keys_exactly_one_owns_a_session(servers: TwoServers, *, unowned: bool) -> None:
    team, issued = servers.team_with_keys(f"two keys, {unowned}")
    for number in range(10):
        user = f"{number}"
        if unowned:
            servers.opened(user, teamId=team)
        # Each key reaches both processes.
        keys = [issued[place // 2 % 2] for place in range(8)]
        results = servers.at_once(
            [Call(key["secret"], "openSession", {"platform": "web", "userId": user}, OPENED) for key in keys]
        )
        owners = {result["session"]["apiKey"]["id"] for result in results if "session" in result}
        assert len(owners) == 1
        for key, result in zip(keys, results, strict=True):
            mine = key["apiKey"]["id"] in owners
            assert result["__typename"] == ("OpenSessionSuccess" if mine else "SessionOwnedByAnotherKey")
        assert [result.get("created") for result in results].count(True) == (0 if unowned else 1)


def test_batches_that_race_are_each_together_in_order_and_none_is_lost(
    servers: TwoServers, module_database: str
) -> None:
    """Large ones: while a batch is being written there is time enough for another."""
    session = servers.opened("racing batches")
    contents = [[f"{number}:{place}:{'x' * 1000}" for place in range(100)] for number in range(30)]
    results = servers.at_once(
        [
            Call(
                ADMIN_KEY,
                "appendMessages",
                {"sessionId": session, "messages": [{"role": "USER", "content": content} for content in batch]},
                STORED,
            )
            for batch in contents
        ]
    )
    for batch, result in zip(contents, results, strict=True):
        assert [message["content"] for message in result["messages"]] == batch
    answered = [row_id(message["id"]) for result in results for message in result["messages"]]
    assert len(set(answered)) == 3000
    stored = rows(
        module_database,
        "SELECT id, content, created_at FROM messages WHERE user_id = 'racing batches' ORDER BY id",
    )
    assert sorted(answered) == [row["id"] for row in stored]
    together = [[row["content"] for row in stored[start : start + 100]] for start in range(0, 3000, 100)]
    assert sorted(together) == sorted(contents)
    assert [row["created_at"] for row in stored] == sorted(row["created_at"] for row in stored)


def test_a_batch_that_races_with_clearing_is_cleared_whole_or_not_at_all(
    servers: TwoServers, module_database: str
) -> None:
    session = servers.opened("racing clearings")
    # In pairs, so that each process does both.
    calls = [
        Call(ADMIN_KEY, "clearSessionHistory", {"sessionId": session}, CLEARED)
        if number // 2 % 2
        else Call(ADMIN_KEY, "appendMessages", {"sessionId": session, "messages": batch(number)}, STORED)
        for number in range(40)
    ]
    results = servers.at_once(calls)
    counted = [result["clearedMessages"] for result in results if "clearedMessages" in result]
    assert all(count % 10 == 0 for count in counted)
    stored = rows(
        module_database, "SELECT content, cleared_at FROM messages WHERE user_id = 'racing clearings' ORDER BY id"
    )
    assert len(stored) == 200
    assert sum(counted) == sum(row["cleared_at"] is not None for row in stored)
    # Batches are cleared from the oldest on: what is left is what came after the last clearing.
    left = [row["cleared_at"] is None for row in stored]
    assert left == sorted(left)


def test_closings_that_race_all_succeed_and_the_first_stands(servers: TwoServers, module_database: str) -> None:
    session = servers.opened("racing closings")
    given = {"sessionId": session}
    closed_at = "SELECT closed_at FROM chat_sessions WHERE user_id = 'racing closings'"
    before = value(module_database, "SELECT clock_timestamp()")
    results = servers.at_once(
        [Call(ADMIN_KEY, "closeSession", given, "... on CloseSessionSuccess { closedSessionId }")] * 20
    )
    assert [result["closedSessionId"] for result in results] == [session] * 20
    first = value(module_database, closed_at)
    assert before <= first
    servers.at_once([Call(ADMIN_KEY, "closeSession", given)] * 4)
    assert value(module_database, closed_at) == first
