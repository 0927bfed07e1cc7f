"""clearSessionHistory: the context is empty, each message is marked once, and none is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.schema.sessions.documents import contents, opened, say, succeed
from tests.schema.sessions.reading import show
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.rows import rows, value
from tests.schema.world import LONG_AGO, TeamRow, add_session, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi


@pytest.fixture
def team(database: str) -> TeamRow:
    """A team without a session."""
    return populate(database, sessions=0, platform_type="private", max_history=30)[0]


@pytest.fixture
def session(api: RunningApi, team: TeamRow) -> str:
    """A session of the team's first key, with three messages."""
    opened_id: str = opened(api.by(team.keys[0].secret))["id"]
    say(api, opened_id, "one", "two", "three")
    return opened_id


def clear(api: RunningApi, session: str) -> dict[str, Any]:
    return succeed(api, "clearSessionHistory", sessionId=session)


def test_clearing_empties_the_context_and_keeps_the_messages(
    api: RunningApi, database: str, team: TeamRow, session: str
) -> None:
    before = rows(database, "SELECT id, role, content, created_at, user_id, team_id FROM messages ORDER BY id")
    cleared = clear(api.by(team.keys[0].secret), session)
    assert cleared["clearedMessages"] == 3
    assert (cleared["session"]["history"], cleared["session"]["totalMessageCount"]) == ([], 3)
    assert rows(database, "SELECT id, role, content, created_at, user_id, team_id FROM messages ORDER BY id") == before
    shown = show(api, session, "messages { totalCount } all: messages(includeCleared: true) { nodes { content } }")
    assert shown["messages"] == {"totalCount": 0}
    assert contents(shown["all"]["nodes"]) == ["one", "two", "three"]


def test_a_message_is_cleared_once(api: RunningApi, database: str, session: str) -> None:
    """When it left the context is a fact, and a second clearing does not rewrite it."""
    assert clear(api, session)["clearedMessages"] == 3
    first = rows(database, "SELECT id, cleared_at FROM messages ORDER BY id")
    assert clear(api, session)["clearedMessages"] == 0
    say(api, session, "four")
    assert clear(api, session)["clearedMessages"] == 1
    assert rows(database, "SELECT id, cleared_at FROM messages ORDER BY id LIMIT 3") == first
    assert value(database, "SELECT count(*) FROM messages WHERE cleared_at IS NULL") == 0


def test_clearing_takes_place_at_this_moment(api: RunningApi, database: str, session: str) -> None:
    before = value(database, "SELECT clock_timestamp()")
    clear(api, session)
    after = value(database, "SELECT clock_timestamp()")
    for row in rows(database, "SELECT cleared_at AT TIME ZONE 'UTC' AS at FROM messages"):
        assert before <= row["at"] <= after
    assert before <= value(database, "SELECT last_activity_at FROM chat_sessions") <= after


def test_an_empty_session_is_cleared_without_complaint(api: RunningApi, database: str) -> None:
    assert clear(api, add_session(database, "p", "u"))["clearedMessages"] == 0


def test_a_context_goes_on_after_it_was_cleared(api: RunningApi, session: str) -> None:
    clear(api, session)
    shown = say(api, session, "a new beginning")["session"]
    assert contents(shown["history"]) == ["a new beginning"]
    assert shown["totalMessageCount"] == 4


def test_the_whole_conversation_is_cleared_however_long(api: RunningApi, database: str, team: TeamRow) -> None:
    """Far beyond the context: a longer history that is set later must not bring old messages back."""
    messages = [{"content": f"{number}"} for number in range(300)]
    session = add_session(database, "web", "long", team=team.id, messages=messages)
    assert clear(api, session)["clearedMessages"] == 300


def test_no_other_conversation_is_touched(api: RunningApi, database: str) -> None:
    """Messages name their session by platform, team and user: every neighbour by one of these is there."""
    one, two = populate(database, teams=2, sessions=0)
    messages: list[dict[str, Any]] = [{"content": "kept"}]
    neighbours = [
        ("p", "u", two.id),
        ("p", "u", None),
        ("p", "U", one.id),
        ("p", "u ", one.id),
        ("P", "u", one.id),
        ("p2", "u", one.id),
    ]
    for platform, user, team in neighbours:
        add_session(database, platform, user, team=team, messages=messages)
    cleared = add_session(database, "p", "u", team=one.id, messages=[{"content": "cleared"}])
    clear(api, cleared)
    assert value(database, "SELECT count(*) FROM messages WHERE cleared_at IS NULL") == len(neighbours)
    assert rows(database, "SELECT content FROM messages WHERE cleared_at IS NOT NULL") == [{"content": "cleared"}]


def test_clearing_a_session_without_a_team_touches_no_teams(api: RunningApi, database: str) -> None:
    (team,) = populate(database, sessions=0)
    add_session(database, "p", "u", team=team.id, messages=[{"content": "kept"}])
    without = add_session(
        database, "p", "u", messages=[{"content": "cleared"}, {"content": "", "cleared_at": LONG_AGO}]
    )
    assert clear(api, without)["clearedMessages"] == 1
    assert rows(database, "SELECT content FROM messages WHERE cleared_at IS NULL") == [{"content": "kept"}]


def test_clearings_that_race_count_each_message_once(api: RunningApi, session: str) -> None:
    select = "... on ClearSessionHistorySuccess { clearedMessages }"
    results = at_once(10, lambda _: outcome(api, "clearSessionHistory", select, sessionId=session))
    assert sorted(result["clearedMessages"] for result in results) == [0] * 9 + [3]


def test_a_batch_that_races_with_clearing_is_cleared_whole_or_not_at_all(
    api: RunningApi, database: str, session: str
) -> None:
    batch = [{"role": "USER", "content": "x"}] * 20

    def call(place: int) -> dict[str, Any]:
        if place % 2:
            return outcome(api, "appendMessages", sessionId=session, messages=batch)
        return outcome(
            api, "clearSessionHistory", "... on ClearSessionHistorySuccess { clearedMessages }", sessionId=session
        )

    results = at_once(20, call)
    counted = [result["clearedMessages"] for result in results if "clearedMessages" in result]
    cleared = value(database, "SELECT count(*) FROM messages WHERE cleared_at IS NOT NULL")
    assert sum(counted) == cleared
    assert all(count % 20 in (0, 3) for count in counted)
    assert value(database, "SELECT count(*) FROM messages") == 203
    # What is left is what came last.
    assert value(
        database,
        "SELECT coalesce(max(id) FILTER (WHERE cleared_at IS NOT NULL), 0)"
        " < coalesce(min(id) FILTER (WHERE cleared_at IS NULL), 1000) FROM messages",
    )
