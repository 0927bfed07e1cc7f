"""Whether a session is active: idle for longer than the time-out it is not, and what happens in it revives it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.conftest import run_sql
from tests.running_api import running_api
from tests.schema.sessions.documents import MODEL, SERVING, opened, run, succeed
from tests.schema.sessions.reading import show
from tests.schema.teams.rows import unchanged, value
from tests.schema.world import add_session, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

IDLE = "UPDATE chat_sessions SET last_activity_at = now() - interval '31 minutes'"
LAST_ACTIVITY = "SELECT last_activity_at FROM chat_sessions"


@pytest.fixture
def idle(api: RunningApi, database: str) -> str:
    """A session in which nothing happened for longer than the time-out."""
    session: str = opened(api, platform="web")["id"]
    run_sql(database, IDLE)
    assert show(api, session, "isActive") == {"isActive": False}
    return session


def test_opening_revives_an_idle_session(api: RunningApi, idle: str) -> None:
    again = succeed(api, "openSession", platform="web", userId="u")
    assert (again["created"], again["session"]["id"], again["session"]["isActive"]) == (False, idle, True)


@pytest.mark.parametrize("mutation", sorted(set(SERVING) - {"closeSession"}))
def test_whatever_happens_in_it_revives_an_idle_session(
    api: RunningApi, database: str, idle: str, mutation: str
) -> None:
    before = value(database, "SELECT clock_timestamp()")
    shown = succeed(api, mutation, sessionId=idle, **SERVING[mutation])["session"]
    assert shown["isActive"] is True
    assert before <= value(database, LAST_ACTIVITY) <= value(database, "SELECT clock_timestamp()")


def test_a_message_of_another_service_revives_it_too(api: RunningApi, database: str, idle: str) -> None:
    run_sql(database, "INSERT INTO messages (platform, user_id, role, content) VALUES ('web', 'u', 'user', 'Hello')")
    assert show(api, idle, "isActive") == {"isActive": True}


def test_reading_is_no_activity(api: RunningApi, database: str, idle: str) -> None:
    with unchanged(database):
        show(api, idle, "isActive history { content } totalMessageCount currentModel")


def test_a_refusal_is_no_activity(api: RunningApi, database: str) -> None:
    (team,) = populate(database, sessions=0, platform_type="private")
    session = opened(api.by(team.keys[0].secret))["id"]
    run_sql(database, IDLE)
    with unchanged(database):
        run(api, "switchSessionModel", sessionId=session, model="nope")
        run(api, "appendMessages", sessionId=session, messages=[])
        for mutation, rest in SERVING.items():
            run(api.by(team.keys[1].secret), mutation, sessionId=session, **rest)
        run(api.by(team.keys[1].secret), "openSession", userId="u")


def test_a_new_session_is_active(api: RunningApi) -> None:
    assert opened(api, platform="web")["isActive"] is True


def test_activity_that_seems_to_lie_ahead_is_activity(api: RunningApi, database: str) -> None:
    """The clocks of the database and of the process differ."""
    session = add_session(database, "web", "u", last_activity_at=datetime.now(UTC) + timedelta(minutes=5))
    assert show(api, session, "isActive") == {"isActive": True}


def test_how_long_a_session_may_be_idle_is_a_setting(database: str) -> None:
    with running_api(database, session_timeout_minutes=32) as api:
        session = opened(api, platform="web")["id"]
        run_sql(database, IDLE)
        assert show(api, session, "isActive") == {"isActive": True}
        run_sql(database, "UPDATE chat_sessions SET last_activity_at = now() - interval '33 minutes'")
        assert show(api, session, "isActive") == {"isActive": False}
        assert succeed(api, "switchSessionModel", sessionId=session, model=MODEL)["session"]["isActive"] is True
