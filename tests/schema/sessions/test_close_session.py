"""closeSession: over until it is opened again, whatever is still stored in it; and nothing of it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql
from tests.schema.sessions.documents import MODEL, contents, opened, say, succeed
from tests.schema.sessions.reading import show
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.rows import rows, value
from tests.schema.world import LONG_AGO, TeamRow, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

ACTIVE = "query($active: Boolean) { sessions(filter: {isActive: $active}) { totalCount nodes { id isActive } } }"


@pytest.fixture
def team(database: str) -> TeamRow:
    """A private team without a session."""
    return populate(database, sessions=0, platform_type="private", max_history=30)[0]


@pytest.fixture
def session(api: RunningApi, team: TeamRow) -> str:
    """A session of the team's first key, with a message and a chosen model."""
    by = api.by(team.keys[0].secret)
    opened_id: str = opened(by, platform="web")["id"]
    say(by, opened_id, "before")
    succeed(by, "switchSessionModel", sessionId=opened_id, model=MODEL)
    return opened_id


def close(api: RunningApi, session: str) -> None:
    assert succeed(api, "closeSession", sessionId=session)["closedSessionId"] == session


def is_active(api: RunningApi, session: str) -> bool:
    """Ask in every way there is, which all have to agree."""
    by_id = bool(show(api, session, "isActive")["isActive"])
    by_node = api.execute("query($id: ID!) { node(id: $id) { ... on Session { isActive } } }", {"id": session})
    assert by_node["node"] == {"isActive": by_id}
    listed = {
        node["id"]: node["isActive"]
        for node in api.execute("{ sessions { nodes { id isActive } } }")["sessions"]["nodes"]
    }
    assert listed[session] == by_id
    for wanted in (True, False):
        page = api.execute(ACTIVE, {"active": wanted})["sessions"]
        assert (session in [node["id"] for node in page["nodes"]]) is (wanted is by_id)
        assert page["totalCount"] == len(page["nodes"])
        assert all(node["isActive"] is wanted for node in page["nodes"])
    of_team = api.execute("{ teams { nodes { sessions(filter: {isActive: true}) { totalCount } } } }")
    assert sum(node["sessions"]["totalCount"] for node in of_team["teams"]["nodes"]) == (1 if by_id else 0)
    return by_id


def test_a_closed_session_is_not_active_and_loses_nothing(
    api: RunningApi, database: str, team: TeamRow, session: str
) -> None:
    assert is_active(api, session)
    fields = "id lastActivityAt currentModel apiKey { id } totalMessageCount history { id content }"
    before = show(api, session, fields)
    close(api.by(team.keys[0].secret), session)
    assert not is_active(api, session)
    assert show(api, session, fields) == before
    assert contents(before["history"]) == ["before"]
    assert value(database, "SELECT count(*) FROM messages WHERE cleared_at IS NULL") == 1


def test_a_session_is_closed_once(api: RunningApi, database: str, session: str) -> None:
    """Since when it is over is a fact, and closing it again does not rewrite it."""
    close(api, session)
    first = rows(database, "SELECT closed_at, last_activity_at FROM chat_sessions")
    close(api, session)
    assert rows(database, "SELECT closed_at, last_activity_at FROM chat_sessions") == first


def test_opening_goes_on_with_the_very_same_session(api: RunningApi, team: TeamRow, session: str) -> None:
    by = api.by(team.keys[0].secret)
    close(by, session)
    again = succeed(by, "openSession", platform="web", userId="u")
    assert again["created"] is False
    shown = again["session"]
    assert (shown["id"], shown["isActive"], shown["currentModel"]) == (session, True, MODEL)
    assert contents(shown["history"]) == ["before"]
    assert is_active(api, session)


def test_what_was_under_way_is_stored_and_does_not_open_it(api: RunningApi, database: str, session: str) -> None:
    """An answer may come in after the user left."""
    close(api, session)
    since = value(database, "SELECT closed_at FROM chat_sessions")
    shown = say(api, session, "the answer")["session"]
    assert (shown["isActive"], contents(shown["history"])) == (False, ["before", "the answer"])
    assert succeed(api, "switchSessionModel", sessionId=session, model=MODEL)["session"]["isActive"] is False
    assert succeed(api, "clearSessionHistory", sessionId=session)["session"]["isActive"] is False
    assert not is_active(api, session)
    assert value(database, "SELECT closed_at FROM chat_sessions") == since


def test_messages_of_another_service_do_not_open_it(api: RunningApi, database: str, session: str) -> None:
    close(api, session)
    run_sql(
        database,
        "INSERT INTO messages (platform, user_id, team_id, api_key_id, role, content)"
        " SELECT platform, user_id, team_id, api_key_id, 'user', 'later' FROM messages",
    )
    assert not is_active(api, session)
    assert show(api, session, "totalMessageCount") == {"totalMessageCount": 2}


def test_a_session_that_was_idle_can_be_closed(api: RunningApi, database: str, session: str) -> None:
    run_sql(database, "UPDATE chat_sessions SET last_activity_at = '2024-01-01Z'")
    close(api, session)
    # Its end is no activity.
    assert value(database, "SELECT last_activity_at FROM chat_sessions") == LONG_AGO
    assert not is_active(api, session)


def test_closings_that_race_all_succeed_and_close_once(api: RunningApi, database: str, session: str) -> None:
    before = value(database, "SELECT clock_timestamp()")
    results = at_once(
        10, lambda _: outcome(api, "closeSession", "... on CloseSessionSuccess { closedSessionId }", sessionId=session)
    )
    assert [result["closedSessionId"] for result in results] == [session] * 10
    assert before <= value(database, "SELECT closed_at FROM chat_sessions")


def test_closing_that_races_with_opening_leaves_one_of_the_two(
    api: RunningApi, database: str, team: TeamRow, session: str
) -> None:
    by = api.by(team.keys[0].secret)

    def call(place: int) -> dict[str, Any]:
        if place % 2:
            return outcome(by, "closeSession", sessionId=session)
        return outcome(by, "openSession", "... on OpenSessionSuccess { created }", platform="web", userId="u")

    results = at_once(10, call)
    assert {result["__typename"] for result in results} == {"CloseSessionSuccess", "OpenSessionSuccess"}
    assert not any(result.get("created") for result in results)
    assert value(database, "SELECT count(*) FROM chat_sessions") == 1
    opened(by, platform="web")
    assert is_active(api, session)
