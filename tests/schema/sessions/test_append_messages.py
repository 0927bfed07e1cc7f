"""appendMessages: a batch is stored whole, in its order, after all that was there; or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql
from tests.schema.sessions.documents import contents, document, opened, run, say, succeed
from tests.schema.sessions.reading import show
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.documents import problems_of
from tests.schema.teams.rows import row_id, rows, unchanged, value
from tests.schema.world import TeamRow, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

STORED = "SELECT content FROM messages ORDER BY id"


@pytest.fixture
def team(database: str) -> TeamRow:
    """A team without a session."""
    return populate(database, sessions=0, platform_type="private", max_history=30)[0]


@pytest.fixture
def session(api: RunningApi, team: TeamRow) -> str:
    """A session of the team's first key."""
    opened_id: str = opened(api.by(team.keys[0].secret), platform="web")["id"]
    return opened_id


def test_a_batch_is_stored_in_its_order_and_shown_as_it_is(api: RunningApi, team: TeamRow, session: str) -> None:
    batch = [
        {"role": "ASSISTANT" if number % 3 else "USER", "content": f"  {99 - number}\n\u202e\U0001f600\t\r\n"}
        for number in range(100)
    ]
    success = succeed(api.by(team.keys[0].secret), "appendMessages", sessionId=session, messages=batch)
    assert [{name: message[name] for name in ("role", "content")} for message in success["messages"]] == batch
    ids = [row_id(message["id"]) for message in success["messages"]]
    assert ids == sorted(set(ids))
    assert all(message["clearedAt"] is None for message in success["messages"])
    assert success["session"]["totalMessageCount"] == 100
    assert success["session"]["history"] == success["messages"][-30:]
    assert show(api, session, "messages(first: 100) { nodes { id role content createdAt clearedAt } }")["messages"] == {
        "nodes": success["messages"]
    }


def test_what_is_stored_names_the_conversation_and_who_stored_it(
    api: RunningApi, database: str, team: TeamRow, session: str
) -> None:
    """As the earlier service would have: it reads these rows as well."""
    say(api.by(team.keys[0].secret), session, "by the key")
    say(api, session, "by an admin")
    stored = rows(database, "SELECT platform, user_id, team_id, api_key_id, role, cleared_at FROM messages")
    row = {"platform": "web", "user_id": "u", "team_id": team.id, "role": "user", "cleared_at": None}
    # What an administrator stores is put down for the key that owns the session.
    assert stored == [row | {"api_key_id": team.keys[0].id}] * 2
    assert value(database, "SELECT count(*) FROM chat_sessions") == 1


def test_messages_are_stored_at_this_moment_by_the_databases_clock(
    api: RunningApi, database: str, session: str
) -> None:
    before = value(database, "SELECT clock_timestamp()")
    stored = say(api, session, "now")
    after = value(database, "SELECT clock_timestamp()")
    moment = value(database, "SELECT created_at AT TIME ZONE 'UTC' FROM messages")
    assert before <= moment <= after
    assert stored["messages"][0]["createdAt"] == moment.isoformat().replace("+00:00", "Z")
    assert before <= value(database, "SELECT last_activity_at FROM chat_sessions") <= after


def test_batches_follow_one_another(api: RunningApi, session: str) -> None:
    for number in range(3):
        say(api, session, f"{number}a", f"{number}b")
    assert contents(show(api, session, "history { content }")["history"]) == ["0a", "0b", "1a", "1b", "2a", "2b"]


def test_the_longest_content_is_stored_to_the_letter(api: RunningApi, session: str) -> None:
    longest = "\U0001f600" * 100_000
    assert contents(say(api, session, longest, "x")["messages"]) == [longest, "x"]
    assert contents(show(api, session, "history { content }")["history"]) == [longest, "x"]


@pytest.mark.parametrize(
    ("batch", "problems"),
    [
        ([], [("messages", "TOO_SHORT")]),
        (["x"] * 101, [("messages", "TOO_LONG")]),
        ([""], [("messages.0.content", "TOO_SHORT")]),
        (["fine", "x" * 100_001], [("messages.1.content", "TOO_LONG")]),
        (["fine", "a\x00b", "fine"], [("messages.1.content", "MALFORMED")]),
        (["fine", "a\x07b"], [("messages.1.content", "MALFORMED")]),
        (["", "fine", "\x00"], [("messages.0.content", "TOO_SHORT"), ("messages.2.content", "MALFORMED")]),
    ],
    ids=["no message", "101 messages", "empty", "too long", "NUL", "bell", "two problems"],
)
def test_a_batch_beyond_its_bounds_is_refused_whole(
    api: RunningApi, database: str, session: str, batch: list[str], problems: list[tuple[str, str]]
) -> None:
    messages = [{"role": "USER", "content": content} for content in batch]
    with unchanged(database), api.counted() as statements:
        assert problems_of(run(api, "appendMessages", sessionId=session, messages=messages)) == problems
    assert statements == []


@pytest.mark.parametrize(
    "message",
    [{"role": "SYSTEM", "content": "x"}, {"role": "user", "content": "x"}, {"content": "x"}, {"role": "USER"}],
)
def test_a_message_is_a_users_or_the_assistants(
    api: RunningApi, database: str, session: str, message: dict[str, Any]
) -> None:
    given = {"input": {"sessionId": session, "messages": [message]}}
    with unchanged(database):
        error = api.error(document("appendMessages"), given)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_batch_that_the_database_cannot_finish_leaves_nothing(api: RunningApi, database: str, session: str) -> None:
    """Whatever stops the statement stops the batch: here, a row in its middle."""
    run_sql(
        database,
        "ALTER TABLE messages ADD CONSTRAINT test_only CHECK (content <> 'the one that fails') NOT VALID",
    )
    try:
        with unchanged(database):
            error = api.error(
                document("appendMessages"),
                {
                    "input": {
                        "sessionId": session,
                        "messages": [
                            {"role": "USER", "content": content} for content in ("a", "the one that fails", "c")
                        ],
                    }
                },
            )
        assert error["extensions"]["code"] == "INTERNAL"
    finally:
        run_sql(database, "ALTER TABLE messages DROP CONSTRAINT test_only")
    assert contents(say(api, session, "the one that fails")["messages"]) == ["the one that fails"]


def test_batches_that_race_are_stored_one_after_the_other(api: RunningApi, database: str, session: str) -> None:
    def call(place: int) -> dict[str, Any]:
        return outcome(
            api,
            "appendMessages",
            "... on AppendMessagesSuccess { messages { id content } }",
            sessionId=session,
            messages=[{"role": "USER", "content": f"{place}:{number}"} for number in range(10)],
        )

    results = at_once(20, call)
    for place, result in enumerate(results):
        assert contents(result["messages"]) == [f"{place}:{number}" for number in range(10)]
    stored = [row["content"] for row in rows(database, STORED)]
    batches = [stored[start : start + 10] for start in range(0, 200, 10)]
    assert sorted(batches) == sorted([f"{place}:{number}" for number in range(10)] for place in range(20))
    ids = {message["id"] for result in results for message in result["messages"]}
    assert len(ids) == 200


def test_times_follow_the_order_also_where_batches_race(api: RunningApi, database: str, session: str) -> None:
    """A batch that waited for another is not stored as if it had been there before."""
    at_once(
        8,
        lambda place: outcome(
            api, "appendMessages", sessionId=session, messages=[{"role": "USER", "content": f"{place}"}]
        ),
    )
    times = [row["created_at"] for row in rows(database, "SELECT created_at FROM messages ORDER BY id")]
    assert times == sorted(times)


def test_a_session_without_a_team_takes_messages_too(api: RunningApi, database: str) -> None:
    session = opened(api, platform="web")["id"]
    say(api, session, "without a team")
    assert rows(database, "SELECT team_id, api_key_id FROM messages") == [{"team_id": None, "api_key_id": None}]
    assert show(api, session, "totalMessageCount") == {"totalMessageCount": 1}
