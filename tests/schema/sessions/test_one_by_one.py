"""Changes of one session are one by one, also where nothing else would make them wait; other sessions go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.schema.sessions.documents import SERVING, opened, response, say, succeed
from tests.schema.teams.at_once import at_once
from tests.schema.teams.rows import row_id, unchanged, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi


@pytest.fixture
def session(api: RunningApi) -> str:
    """A session with a message."""
    opened_id: str = opened(api, platform="web")["id"]
    say(api, opened_id, "Hello")
    return opened_id


@pytest.fixture
def _held(database: str, session: str) -> Iterator[None]:
    """Somebody changes the session, and has not finished."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(database))
        try:
            runner.run(connection.execute("BEGIN"))
            runner.run(connection.execute("SELECT FROM chat_sessions WHERE id = $1 FOR UPDATE", row_id(session)))
            yield
        finally:
            runner.run(connection.close())


@pytest.mark.usefixtures("_held")
def test_nothing_happens_in_a_session_while_it_is_being_changed(api: RunningApi, database: str, session: str) -> None:
    """Storing and clearing write to another table, and have to wait all the same: else a batch could lose its place."""
    calls = [*((mutation, {"sessionId": session, **rest}) for mutation, rest in SERVING.items())]
    calls.append(("openSession", {"platform": "web", "userId": "u"}))
    with unchanged(database):
        answers = at_once(len(calls), lambda place: response(api, calls[place][0], **calls[place][1]))
    for (mutation, _), answer in zip(calls, answers, strict=True):
        assert answer.status_code == 503, mutation
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


@pytest.mark.usefixtures("_held")
def test_other_sessions_do_not_wait(api: RunningApi, database: str) -> None:
    other = opened(api, platform="web", userId="other")["id"]
    for mutation, rest in SERVING.items():
        succeed(api, mutation, sessionId=other, **rest)
    assert value(database, "SELECT count(*) FROM messages WHERE user_id = 'other'") == 1
