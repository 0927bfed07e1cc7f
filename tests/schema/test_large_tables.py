"""Whatever is asked of many rows reads those that it answers with, and not all there are."""

from __future__ import annotations

import asyncio
import base64

import pytest

from tests.api.processes import fetch, wait_for
from tests.conftest import run_sql
from tests.running_api import running_api

ROWS = (
    """INSERT INTO teams (id, display_name, platform_name, platform_type, is_active, rate_limit,
            created_at, updated_at)
        SELECT n, 'Team ' || n, 'platform-' || n, CASE n % 2 WHEN 0 THEN 'public' ELSE 'private' END, n % 7 > 0,
            CASE WHEN n % 5 = 0 THEN 9 END, timestamp '2024-01-01' + make_interval(mins => n),
            timestamp '2024-06-01' + make_interval(mins => n * 7 % 20000)
        FROM generate_series(1, 20000) AS n""",
    """INSERT INTO api_keys (key_hash, key_prefix, name, team_id)
        SELECT 'hash-' || n, 'p', 'k', 1 + n % 20000 FROM generate_series(1, 20000) AS n""",
    """INSERT INTO chat_sessions (session_id, platform, team_id, user_id, last_activity_at)
        SELECT md5(n::text), 'platform-' || 1 + n % 100, 1 + n % 100, 'user-' || n / 100,
            timestamptz '2024-01-01Z' + make_interval(mins => n)
        FROM generate_series(1, 40000) AS n""",
    """INSERT INTO messages (platform, user_id, team_id, role, content, created_at)
        SELECT 'platform-' || 1 + n % 100, 'user-' || n / 100, 1 + n % 100, 'user', 'x', timestamp '2024-01-01'
        FROM generate_series(1, 40000) AS n""",
    "VACUUM (ANALYZE) teams, api_keys, chat_sessions, messages",
)
TABLES = ("teams", "api_keys", "chat_sessions", "messages")
PAGE = 20

END = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

AHEAD = 5
"""Rows that are read beyond those of the page: one to know whether there are more, and what sorting looks ahead."""

FILTERED = 10
"""A filter that every tenth row passes has ten read for each that is answered with."""

SORTED = 150
"""Sessions of a platform are either looked for among the latest ones or all read and sorted, whichever is less."""

DOCUMENTS = {
    "teams": "{ teams(first: 20%s) { nodes { id displayName effectiveConfig { model } } } }",
    "sessions": "{ sessions(first: 20%s) { nodes { id userId } } }",
}
PAGES: dict[str, tuple[str, str, int]] = {
    **{
        f"teams by {field}, {direction}": ("teams", f", orderBy: {{field: {field}, direction: {direction}}}", 1)
        for field in ("DISPLAY_NAME", "CREATED_AT", "UPDATED_AT")
        for direction in ("ASC", "DESC")
    },
    **{
        f"{listed} where {given or 'any'}": (listed, f", filter: {{{given}}}", read_for_each)
        for listed, given, read_for_each in (
            ("teams", "platformType: PUBLIC", FILTERED),
            ("teams", "isActive: false", FILTERED),
            ("teams", "overrides: [RATE_LIMIT]", FILTERED),
            ("teams", 'platformType: PRIVATE, isActive: true, search: "platform"', FILTERED),
            ("teams", 'search: "1"', FILTERED),
            ("sessions", "", 1),
            ("sessions", 'platform: "platform-7"', SORTED),
            ("sessions", 'userId: "user-7"', FILTERED),
            ("sessions", "isActive: false", 1),
            ("sessions", 'teamId: "%s"', 1),
            ("sessions", 'platform: "platform-7", userId: "user-6"', FILTERED),
        )
    },
}
"""What is listed, with which order or filter, and how many rows are read at most for each of the page."""


def global_id(type_name: str, row_id: int) -> str:
    return base64.b64encode(f"{type_name}:{row_id}".encode()).decode()


SINGLE = {
    "a team with what belongs to it": (
        f"""{{ node(id: "{global_id("Team", 7)}") {{ ... on Team {{
            apiKeys {{ nodes {{ id }} totalCount }} sessions {{ nodes {{ id history {{ content }} messages {{ totalCount
            nodes {{ id }} }} }} }} }} }} }}"""
    ),
    "a team by names": """{
        a: team(by: {platformName: "platform-7"}) { id } b: team(by: {displayName: "Team 7"}) { id }
    }""",
    "a configuration": '{ platformConfig(platform: "platform-7") { config { model } } }',
}


@pytest.fixture(scope="module")
def filled(module_database: str) -> str:
    """The address of a database with many rows of each kind."""
    run_sql(module_database, *ROWS)
    return module_database


def end_connections(database: str) -> None:
    """End all, also those that a pooler keeps: what they read counts when they end."""
    wait_for(lambda: not asyncio.run(fetch(database, END)), "all connections to end")


def reads(database: str, document: str) -> dict[str, tuple[int, int]]:
    """Ask, and give how many scans of each table that took, and how many rows."""
    end_connections(database)
    run_sql(database, "SELECT pg_stat_reset()")
    with running_api(database) as api:
        api.execute(document)
    end_connections(database)
    counted = "SELECT relname, seq_scan, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables"
    return {table: (scans, rows) for table, scans, rows in asyncio.run(fetch(database, counted)) if table in TABLES}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_what_it_shows(filled: str, name: str) -> None:
    listed, given, read_for_each = PAGES[name]
    table = {"teams": "teams", "sessions": "chat_sessions"}[listed]
    read = reads(filled, DOCUMENTS[listed] % given.replace("%s", global_id("Team", 7)))
    scans, rows = read.pop(table)
    assert scans == 0
    assert PAGE < rows <= PAGE * read_for_each + AHEAD
    assert set(read.values()) == {(0, 0)}


@pytest.mark.parametrize("name", SINGLE)
def test_an_object_reads_what_belongs_to_it(filled: str, name: str) -> None:
    read = reads(filled, SINGLE[name])
    assert {scans for scans, _ in read.values()} == {0}
    assert max(rows for _, rows in read.values()) <= PAGE * 5


@pytest.mark.parametrize("field", ["DISPLAY_NAME", "CREATED_AT", "UPDATED_AT"])
def test_a_page_in_the_depth_reads_no_more_than_the_first(filled: str, field: str) -> None:
    """Page 1,000 is as cheap as page 1."""
    ordered = f", orderBy: {{field: {field}}}"
    with running_api(filled) as api:
        backward = (
            DOCUMENTS["teams"].replace("first: 20", "last: 40").replace("nodes {", "pageInfo { startCursor } nodes {")
        )
        cursor = api.execute(backward % ordered)["teams"]["pageInfo"]["startCursor"]
    read = reads(filled, DOCUMENTS["teams"] % f'{ordered}, after: "{cursor}"')
    scans, rows = read["teams"]
    assert scans == 0
    assert PAGE < rows <= PAGE + AHEAD
