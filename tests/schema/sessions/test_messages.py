"""What a session shows of its messages: the context that a model gets, and all that was ever said."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.schema.sessions.reading import add_team, show
from tests.schema.world import LONG_AGO, add_session, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

CLEARED = {"cleared_at": LONG_AGO}
OLD: list[dict[str, Any]] = [
    {"content": "first", **CLEARED},
    {"content": "second", "role": "assistant", **CLEARED},
    *({"content": f"{number}", "role": "assistant" if number % 2 else "user"} for number in range(5)),
    {"content": "cleared between", **CLEARED},
    {"content": "last", "role": "system"},
]


@pytest.fixture
def conversation(database: str) -> str:
    """A session with a context of at most three messages."""
    team = add_team(database, max_history=3)
    return add_session(database, "p", "u", team=team, messages=OLD)


def test_the_history_is_the_newest_that_is_not_cleared_oldest_first(api: RunningApi, conversation: str) -> None:
    shown = show(api, conversation, "history { content role clearedAt } totalMessageCount")
    assert shown["history"] == [
        {"content": "3", "role": "ASSISTANT", "clearedAt": None},
        {"content": "4", "role": "USER", "clearedAt": None},
        {"content": "last", "role": "ASSISTANT", "clearedAt": None},
    ]
    assert shown["totalMessageCount"] == len(OLD)


def test_messages_leave_out_cleared_ones_unless_asked(api: RunningApi, conversation: str) -> None:
    shown = show(
        api,
        conversation,
        """some: messages { totalCount nodes { content } } all: messages(includeCleared: true) {
            totalCount nodes { content clearedAt }
        } explicit: messages(includeCleared: false, first: null, after: null) { totalCount nodes { content } }""",
    )
    uncleared = [row["content"] for row in OLD if "cleared_at" not in row]
    assert [node["content"] for node in shown["some"]["nodes"]] == uncleared
    assert shown["explicit"] == shown["some"]
    assert shown["some"]["totalCount"] == len(uncleared)
    assert [(node["content"], node["clearedAt"] is not None) for node in shown["all"]["nodes"]] == [
        (row["content"], "cleared_at" in row) for row in OLD
    ]
    assert shown["all"]["totalCount"] == len(OLD)


def test_the_order_of_messages_is_that_of_their_ids(api: RunningApi, database: str) -> None:
    """Clocks of several writers disagree; the order of a conversation does not."""
    times = [LONG_AGO - timedelta(days=number) for number in range(3)]
    messages = [{"content": f"{number}", "created_at": time} for number, time in enumerate(times)]
    session = add_session(database, "p", "u", messages=messages)
    shown = show(api, session, "history { content createdAt } messages { nodes { content } }")
    assert [message["content"] for message in shown["history"]] == ["0", "1", "2"]
    assert shown["history"][1]["createdAt"] == "2023-12-31T00:00:00Z"
    assert [node["content"] for node in shown["messages"]["nodes"]] == ["0", "1", "2"]


@pytest.mark.parametrize("role", ["system", "tool", "USER", "", "nonsense"])
def test_roles_of_old_rows_that_are_no_user_are_the_assistant(api: RunningApi, database: str, role: str) -> None:
    session = add_session(database, "p", "u", messages=[{"content": "", "role": role}])
    assert show(api, session, "history { role content }")["history"] == [{"role": "ASSISTANT", "content": ""}]


def test_a_session_without_messages_shows_none(api: RunningApi, database: str) -> None:
    shown = show(
        api, add_session(database, "p", "u"), "history { id } totalMessageCount messages { totalCount nodes { id } }"
    )
    assert shown == {"history": [], "totalMessageCount": 0, "messages": {"totalCount": 0, "nodes": []}}


def test_histories_of_many_sessions_are_cut_each_by_its_own_team(api: RunningApi, database: str) -> None:
    teams = populate(database, teams=6, sessions=2, messages=5)
    document = "{ sessions(first: 12) { nodes { id effectiveConfig { maxHistory } history { content } } } }"
    shown = {node["id"]: node for node in api.execute(document)["sessions"]["nodes"]}
    for place, team in enumerate(teams):
        for session in team.sessions:
            kept = 1 + place % 3
            assert shown[session.node_id]["effectiveConfig"] == {"maxHistory": kept}
            expected = [{"content": f"message {number}"} for number in range(5 - kept, 5)]
            assert shown[session.node_id]["history"] == expected
