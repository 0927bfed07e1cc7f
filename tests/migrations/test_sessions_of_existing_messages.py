"""Conversations that took place before sessions had rows are given theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from domain.session_identity import session_id
from migrations import runner
from tests.migrations.rows import EXISTING_ROWS, execute, select

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

TABLE_OF_SESSIONS = "76fa77fd3e26"
SESSIONS = (
    "SELECT session_id, platform, team_id, user_id, api_key_id, created_at, last_activity_at, chosen_model"
    " FROM chat_sessions ORDER BY platform, user_id, team_id NULLS FIRST"
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
async def populated(existing: AsyncEngine) -> AsyncEngine:
    """A database at the existing schema, with rows."""
    await execute(existing, *EXISTING_ROWS)
    return existing


async def test_each_conversation_becomes_one_session(populated: AsyncEngine) -> None:
    # The zone of the server is none of the stored timestamps' business: they are UTC.
    database = populated.url.database
    await execute(populated, f"ALTER DATABASE {database} SET timezone = 'Asia/Kathmandu'")

    await runner.upgrade(populated, report=print)

    assert await select(populated, SESSIONS) == [
        # md5 of telegram:1: - a user without a name is one nonetheless
        (
            "9a09857289ac534881a468d95236c264",
            *("telegram", 1, "", 1),
            *(at("2024-07-01 12:00"), at("2024-07-01 12:00"), None),
        ),
        # md5 of telegram:user-1: without a team, and without a key
        (
            "202a9efa975eca03dfa3383807f4ec14",
            *("telegram", None, "user-1", None),
            *(at("2024-03-01 23:30"), at("2024-03-02 00:30"), None),
        ),
        # md5 of telegram:7:user-1: the key of the newest message is another team's; times are not in order of id
        (
            "330180b404cb36ead4d9bf7fce5a9441",
            *("telegram", 7, "user-1", None),
            *(at("2024-02-01 07:59"), at("2024-02-01 08:01"), None),
        ),
        # md5 of the UTF-8 form of Телеграм:7:ü
        (
            "c63451e7cc9b246c91476b8881f401ae",
            *("Телеграм", 7, "ü", 3),
            *(at("2024-07-01 12:00"), at("2024-07-01 12:00"), None),
        ),
    ]


async def test_the_identifiers_are_those_that_runtimes_use(populated: AsyncEngine) -> None:
    await runner.upgrade(populated, report=print)
    rows = await select(populated, "SELECT platform, user_id, team_id, session_id FROM chat_sessions")
    assert rows
    assert all(session_id(platform, user_id, team_id) == found for platform, user_id, team_id, found in rows)


async def test_a_session_opened_in_the_meantime_is_kept(populated: AsyncEngine) -> None:
    await runner.upgrade(populated, TABLE_OF_SESSIONS, report=print)
    await execute(
        populated,
        "INSERT INTO chat_sessions (session_id, platform, user_id, chosen_model)"
        " VALUES ('202a9efa975eca03dfa3383807f4ec14', 'telegram', 'user-1', 'chosen')",
    )

    await runner.upgrade(populated, report=print)

    of_user = "SELECT chosen_model FROM chat_sessions WHERE user_id = 'user-1' AND team_id IS NULL"
    assert await select(populated, of_user) == [("chosen",)]
    assert len(await select(populated, SESSIONS)) == 4


async def test_without_messages_there_are_no_sessions(existing: AsyncEngine) -> None:
    await runner.upgrade(existing, report=print)
    assert await select(existing, SESSIONS) == []
