"""Rows that are older than this service are served by it after the upgrade, the damaged ones included."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.engine import database_url
from migrations import runner
from tests.migrations.rows import EXISTING_ROWS, execute, select
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

TEAMS = """{ teams(orderBy: {field: CREATED_AT}) { nodes {
  displayName platformName platformType monthlyQuota dailyQuota isActive revision createdAt
  effectiveConfig { violations { code } resolution { source } }
  apiKeys(first: 100) { nodes { name prefix isActive expiresAt } }
} } }"""
SESSIONS = """{ sessions(first: 30) { nodes {
  sessionId platform userId totalMessageCount team { platformName }
  messages(first: 40, includeCleared: true) { nodes { role content clearedAt createdAt } }
} } }"""


@pytest.fixture
def upgraded(fresh_database: str) -> Iterator[RunningApi]:
    """A server over a database whose rows were all there before the upgrade."""

    async def make() -> None:
        engine = create_async_engine(database_url(fresh_database), poolclass=NullPool)
        await runner.upgrade(engine, runner.EXISTING_SCHEMA, report=print)
        await execute(engine, *EXISTING_ROWS)
        await runner.upgrade(engine, report=print)
        await engine.dispose()

    asyncio.run(make())
    with running_api(fresh_database) as api:
        yield api


def rows(address: str, query: str) -> list[tuple[Any, ...]]:
    async def ask() -> list[tuple[Any, ...]]:
        engine = create_async_engine(database_url(address), poolclass=NullPool)
        try:
            return await select(engine, query)
        finally:
            await engine.dispose()

    return asyncio.run(ask())


def test_every_team_and_key_is_served(upgraded: RunningApi, fresh_database: str) -> None:
    teams = upgraded.execute(TEAMS)["teams"]["nodes"]
    assert [
        (team["displayName"], team["platformName"], team["monthlyQuota"], team["dailyQuota"], team["isActive"])
        for team in teams
    ] == rows(
        fresh_database,
        "SELECT display_name, platform_name, monthly_quota, daily_quota, is_active FROM teams ORDER BY created_at",
    )
    assert {team["platformName"]: team["platformType"] for team in teams} == {
        "telegram": "PUBLIC",
        "broken": "PRIVATE",
        "Telegram": "PRIVATE",
        "Телеграм": "PRIVATE",
    }
    assert {team["revision"] for team in teams} == {1}
    assert all(team["effectiveConfig"]["violations"] == [] for team in teams)
    shown = sorted((key["prefix"], key["name"], key["isActive"]) for team in teams for key in team["apiKeys"]["nodes"])
    assert shown == rows(fresh_database, "SELECT key_prefix, name, is_active FROM api_keys ORDER BY key_prefix")


def test_every_message_is_served_by_its_session(upgraded: RunningApi, fresh_database: str) -> None:
    sessions = upgraded.execute(SESSIONS)["sessions"]["nodes"]
    shown = sorted(
        (
            session["team"]["platformName"] if session["team"] else "",
            session["platform"],
            session["userId"],
            message["content"],
            message["clearedAt"] is not None,
        )
        for session in sessions
        for message in session["messages"]["nodes"]
    )
    stored = rows(
        fresh_database,
        "SELECT coalesce(t.platform_name, ''), m.platform, user_id, content, cleared_at IS NOT NULL "
        "FROM messages m LEFT JOIN teams t ON t.id = m.team_id",
    )
    assert shown == sorted(stored)
    assert sum(session["totalMessageCount"] for session in sessions) == len(stored)
