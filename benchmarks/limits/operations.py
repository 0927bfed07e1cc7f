"""What is asked, and the teams that it is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import orjson

from db.engine import database_url
from migrations import runner

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY: Final = "benchmark-admin-key"
TEAMS: Final = 100
MESSAGES: Final = 100
SMALLEST: Final = "viewer"

_NAME: Final = "bench_limits"
_TEAMS: Final = """
    INSERT INTO teams (id, display_name, platform_name, platform_type, rate_limit, max_history)
    SELECT number, 'Team ' || number, 'team-' || number, 'private', 30 + number, 20
    FROM generate_series(1, $1::integer) AS number
"""
_MESSAGES: Final = """
    INSERT INTO messages (team_id, platform, user_id, role, content)
    SELECT 7, 'team-7', 'somebody', 'user', repeat('What a user writes. ', 20)
    FROM generate_series(1, $1::integer)
"""


@dataclass(frozen=True, slots=True)
class Operation:
    """A document, and the variables of two requests that are sent in turns: a change has to change something.

    It is sent so many `times` as often as others: what takes little time takes many to be measured.
    """

    document: str
    variables: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {})
    times: int = 1

    def body(self, number: int) -> bytes:
        """Give the body of a request."""
        return orjson.dumps({"query": self.document, "variables": self.variables[number % 2]})


OPERATIONS: Final = {
    SMALLEST: Operation("{ viewer { kind name } }", times=10),
    "one team's configuration": Operation(
        """
        query Configuration($name: String!) {
          team(by: { platformName: $name }) {
            displayName
            effectiveConfig { model rateLimit maxHistory resolution { setting source } }
          }
        }
        """,
        ({"name": "team-7"}, {"name": "team-8"}),
        times=2,
    ),
    "a page of 100 teams": Operation(
        """
        query Teams($first: Int!) {
          teams(first: $first) { nodes { id displayName platformName revision } pageInfo { hasNextPage endCursor } }
        }
        """,
        ({"first": TEAMS}, {"first": TEAMS}),
    ),
    "a page of 100 messages": Operation(
        """
        query Messages($first: Int!) {
          team(by: { platformName: "team-7" }) {
            sessions(first: 1) { nodes { messages(first: $first) { nodes { role content createdAt } } } }
          }
        }
        """,
        ({"first": MESSAGES}, {"first": MESSAGES}),
    ),
    "updateTeamOverrides": Operation(
        """
        mutation Change($input: UpdateTeamOverridesInput!) {
          updateTeamOverrides(input: $input) {
            ... on UpdateTeamOverridesSuccess { team { overrides { rateLimit } effectiveConfig { rateLimit } } }
            ... on UserError { message }
          }
        }
        """,
        # The global id of the team with the id 1.
        tuple({"input": {"id": "VGVhbTox", "overrides": {"rateLimit": limit}}} for limit in (61, 62)),  # type: ignore[arg-type] # two
    ),
}


async def make_database(address: str) -> str:
    """Make a database with teams and messages, and give its address.

    Changes in it do not wait for the disk, which varies most.
    """
    server = await asyncpg.connect(address)
    await server.execute(f"CREATE DATABASE {_NAME}")
    await server.execute(f"ALTER DATABASE {_NAME} SET synchronous_commit = off")
    await server.close()
    database = database_url(address).set(drivername="postgresql", database=_NAME).render_as_string(hide_password=False)
    await runner.upgrade(database, report=lambda _: None)
    connection = await asyncpg.connect(database)
    await connection.execute(_TEAMS, TEAMS)
    await connection.execute(_MESSAGES, MESSAGES)
    await connection.execute("VACUUM (ANALYZE) teams, messages")
    await connection.close()
    return database
