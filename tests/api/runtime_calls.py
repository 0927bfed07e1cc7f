"""Two processes of the service on one database, and callers who reach both at the same time."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from tests.api.processes import ADMIN_KEY, PATIENCE, Server, serving
from tests.schema.teams.documents import type_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TELEGRAM_KEY = "process-telegram-key-0123456789"
INTERNAL_KEY = "process-internal-key-0123456789"
UNAUTHENTICATED = {"__typename": "UNAUTHENTICATED"}
ATTEMPTS = 20
OPENED = "... on OpenSessionSuccess { created session { id apiKey { id } } }"
ISSUED = "issuedApiKey { secret apiKey { id } }"


class Call(NamedTuple):
    """A mutation by whoever holds a key, and what to select of its result beside the type."""

    key: str
    mutation: str
    given: dict[str, Any]
    selection: str = ""

    @property
    def body(self) -> dict[str, Any]:
        """The request's body."""
        text = f"mutation ($input: {type_name(self.mutation)}Input!)"
        text += f" {{ result: {self.mutation}(input: $input) {{ __typename {self.selection} }} }}"
        return {"query": text, "variables": {"input": self.given}}


@dataclass
class TwoServers:
    """Both processes, by the same keys, and the database that they share."""

    one: Server
    other: Server
    database: str

    @property
    def servers(self) -> tuple[Server, Server]:
        """Both of them."""
        return self.one, self.other

    def at_once(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        """Make calls at the same time, in turn to one process and the other, and give their results in order."""

        async def run() -> list[dict[str, Any]]:
            limits = httpx.Limits(max_connections=len(calls))
            async with httpx.AsyncClient(timeout=PATIENCE, limits=limits) as client:
                return await asyncio.gather(
                    *(_outcome(client, self.other if place % 2 else self.one, call) for place, call in enumerate(calls))
                )

        return asyncio.run(run())

    def run(self, call: Call, *, by_the_other: bool = False) -> dict[str, Any]:
        """Make one call to one of the processes."""

        async def run() -> dict[str, Any]:
            async with httpx.AsyncClient(timeout=PATIENCE) as client:
                return await _outcome(client, self.other if by_the_other else self.one, call)

        return asyncio.run(run())

    def team_with_keys(self, name: str) -> tuple[str, list[dict[str, Any]]]:
        """Make a team with two keys, and give its id and what was issued."""
        selection = f"... on CreateTeamSuccess {{ team {{ id }} {ISSUED} }}"
        created = self.run(Call(ADMIN_KEY, "createTeam", {"displayName": name, "platformName": name}, selection))
        team: str = created["team"]["id"]
        selection = f"... on IssueApiKeySuccess {{ {ISSUED} }}"
        second = self.run(Call(ADMIN_KEY, "issueApiKey", {"teamId": team, "name": "second"}, selection))
        return team, [created["issuedApiKey"], second["issuedApiKey"]]

    def opened(self, user: str, key: str = ADMIN_KEY, **given: Any) -> str:
        """Open a session and give its id."""
        result = self.run(Call(key, "openSession", {"platform": "web", "userId": user, **given}, OPENED))
        session: str = result["session"]["id"]
        return session

    def events(self) -> list[dict[str, Any]]:
        """What both processes logged; what is said to people before it begins is none of it."""
        said = [line for server in self.servers for line in server.said.splitlines(keepends=True)]
        return [json.loads(line) for line in said if line.startswith("{") and line.endswith("\n")]

    def assert_no_defect(self) -> None:
        """Hold that neither process met anything that it did not foresee, nor a deadlock, which callers may repeat."""
        events = self.events()
        assert [event for event in events if event["level"] in ("error", "critical")] == []
        assert [event for event in events if "DatabaseConflict" in json.dumps(event)] == []


async def _outcome(client: httpx.AsyncClient, server: Server, call: Call) -> dict[str, Any]:
    """Give what came of a call; a key that does not work gives UNAUTHENTICATED.

    A busy machine may keep a caller waiting for too long. The service then says that it is unavailable and has done
    nothing, and the caller repeats the call.
    """
    for _ in range(ATTEMPTS):
        response = await client.post(
            f"{server.address}/graphql", json=call.body, headers={"Authorization": f"Bearer {call.key}"}
        )
        if response.status_code != 503:
            break
    if response.status_code == 401:
        return UNAUTHENTICATED
    body = response.json()
    assert "errors" not in body, (call, body)
    result: dict[str, Any] = body["data"]["result"]
    return result


@contextmanager
def two_servers(directory: Path, database: str) -> Iterator[TwoServers]:
    """Run two processes on a database."""
    settings = {
        "DATABASE_URL": database,
        "SUPER_ADMIN_API_KEYS": f"ops:{ADMIN_KEY}",
        "TELEGRAM_SERVICE_KEY": TELEGRAM_KEY,
        "INTERNAL_API_KEY": INTERNAL_KEY,
        "LOG_FORMAT": "json",
    }
    with serving(directory, **settings) as one, serving(directory, **settings) as other:
        yield TwoServers(one, other, database)
