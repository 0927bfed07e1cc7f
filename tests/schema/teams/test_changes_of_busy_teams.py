"""A team whose sessions are never quiet can be changed, and is not deleted from under those who write for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from tests.schema.teams.documents import document as document_of
from tests.schema.teams.documents import run, team_of
from tests.schema.teams.rows import row_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

MESSAGE = "INSERT INTO messages (platform, user_id, team_id, role, content) VALUES ('p', 'u', $1, 'user', 'Hello')"


@pytest.fixture
def _being_written_for(database: str, team: dict[str, Any]) -> Iterator[None]:
    """Somebody has written a message of the team, and has not committed yet: the earlier service, or one of ours."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(database))
        try:
            runner.run(connection.execute("BEGIN"))
            runner.run(connection.execute(MESSAGE, row_id(team["id"])))
            yield
        finally:
            runner.run(connection.close())


@pytest.mark.usefixtures("_being_written_for")
@pytest.mark.parametrize(
    ("mutation", "change"),
    [
        ("updateTeam", {"dailyQuota": 7}),
        ("updateTeam", {"isActive": False}),
        ("updateTeamOverrides", {"overrides": {"rateLimit": 7}}),
    ],
)
def test_a_change_waits_for_nobody_who_writes_for_the_team(
    api: RunningApi, team: dict[str, Any], mutation: str, change: dict[str, Any]
) -> None:
    changed = run(api, mutation, id=team["id"], **change)["team"]
    assert changed["revision"] == team["revision"] + 1
    assert team_of(api, team["id"]) == changed


@pytest.mark.usefixtures("_being_written_for")
def test_a_deletion_waits_and_gives_up_in_time(api: RunningApi, team: dict[str, Any]) -> None:
    response = api.post(document_of("deleteTeam"), {"input": {"id": team["id"], "force": True}})
    assert response.status_code == 503
    assert team_of(api, team["id"]) == team
