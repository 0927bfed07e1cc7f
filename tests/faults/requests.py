"""What the tests of faults ask of a server, and how they look at the answers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tests.api.processes import wait_for

if TYPE_CHECKING:
    import httpx

TEAMS = "{ teams { totalCount nodes { displayName } } }"
DEEP = """{ teams(first: 5) { nodes {
  displayName apiKeys { nodes { name } } sessions(first: 2) { totalCount nodes { userId history { content } } }
} } }"""
CREATE = """mutation ($name: String!) {
  createTeam(input: {displayName: $name, platformName: $name}) {
    __typename ... on CreateTeamSuccess { team { id } issuedApiKey { secret apiKey { id } } }
  }
}"""

WITHIN = 5.0
"""Seconds within which a request ends that cannot be served."""

BACK_WITHIN = 2.0
"""Seconds within which service is back after the database."""


class Serves(Protocol):
    """A server of either kind that tests run."""

    def post(self, document: str, variables: dict[str, Any] | None = None) -> httpx.Response:
        """Send an operation."""


@dataclass(frozen=True)
class Timed:
    """A response, and the seconds that it took."""

    response: httpx.Response
    seconds: float


def timed(server: Serves, document: str, variables: dict[str, Any] | None = None) -> Timed:
    """Send an operation and measure how long its answer takes."""
    began = time.monotonic()
    response = server.post(document, variables)
    return Timed(response, time.monotonic() - began)


def assert_unavailable(answer: Timed) -> None:
    """The caller was told in time to try again."""
    assert answer.response.status_code == 503, answer.response.text
    errors = answer.response.json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"UNAVAILABLE"}
    assert "Retry-After" in answer.response.headers
    assert answer.seconds < WITHIN


def is_served(server: Serves) -> bool:
    """Tell whether a read is answered."""
    return server.post(TEAMS).status_code == 200


def assert_back(server: Serves) -> None:
    """Service is back, soon after the database: the answer that shows it has to be there by then."""
    began = time.monotonic()
    wait_for(lambda: is_served(server), "the service to be back", patience=BACK_WITHIN)
    assert time.monotonic() - began < BACK_WITHIN
