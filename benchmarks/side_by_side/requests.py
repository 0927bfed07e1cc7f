"""What is sent to a server: a few requests in turns, in which numbers may stand that are others every time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEY: Final = "benchmark-admin-key-0123456789"
ADMINISTRATOR: Final = "bench"
"""The name that the key goes by, in the trail and on keys that it issues."""

NUMBER: Final = "@number@"
"""Stands in a request for the number of the request, which no other has."""

_COUNTED: Final = re.compile(r'"@turn (\d+)-(\d+)@"')


def counted(first: int, last: int) -> str:
    """Stand in a body for a number from `first` to `last`: the next one each time that a request's turn comes."""
    return f"@turn {first}-{last}@"


class Request(NamedTuple):
    """A request without its headers, which are always the same."""

    method: str
    path: str
    body: str = ""

    def numbered(self, number: int, turn: int) -> Request:
        """Put in the number, and what is counted by turns."""

        def count(found: re.Match[str]) -> str:
            first, last = map(int, found.groups())
            return str(first + turn % (last - first + 1))

        body = _COUNTED.sub(count, self.body)
        return Request(self.method, self.path.replace(NUMBER, str(number)), body.replace(NUMBER, str(number)))


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests that are sent in turns. The sender does the same as `at`, in Lua (load.lua)."""

    templates: Sequence[Request]

    def at(self, number: int) -> Request:
        """Give the request of a number."""
        turn, template = divmod(number, len(self.templates))
        return self.templates[template].numbered(number, turn)


def graphql(document: str, *variables: Mapping[str, Any]) -> Requests:
    """Give the requests of a document, one for each set of variables; without any, one that has none."""
    bodies = [{"query": document, "variables": given} for given in variables] or [{"query": document}]
    return Requests([Request("POST", "/graphql", orjson.dumps(body).decode()) for body in bodies])


def post(path: str, *bodies: Mapping[str, Any]) -> Requests:
    """Give requests that post JSON."""
    return Requests([Request("POST", path, orjson.dumps(body).decode()) for body in bodies])


def get(*paths: str) -> Requests:
    """Give requests that read."""
    return Requests([Request("GET", path) for path in paths])


def headers() -> dict[str, str]:
    """Give the headers of every request."""
    return {
        "Authorization": f"Bearer {KEY}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
