"""Two server processes on one database, and calls that both serve at the same time."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from tests.api.processes import ADMIN_KEY, Server, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Pair(NamedTuple):
    """Two servers and the database that they share."""

    first: Server
    second: Server
    database: str

    @property
    def servers(self) -> tuple[Server, Server]:
        """Both of them."""
        return self.first, self.second


@contextmanager
def pair_on(directory: Path, database: str) -> Iterator[Pair]:
    """Run two servers on one database."""
    settings = {"DATABASE_URL": database, "SUPER_ADMIN_API_KEYS": f"ops:{ADMIN_KEY}", "LOG_FORMAT": "json"}
    with serving(directory, **settings) as first, serving(directory, **settings) as second:
        yield Pair(first, second, database)


def all_at_once(pair: Pair, key: str, document: str, calls: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send all calls at the same time, to both servers in turn, and give the results.

    A busy machine may keep a caller from a connection for too long. The service then says that it is unavailable and
    has done nothing, and the caller repeats the call.
    """

    async def send(client: httpx.AsyncClient, place: int) -> dict[str, Any]:
        for _ in range(20):
            response = await client.post(
                f"{pair.servers[place % 2].address}/graphql",
                json={"query": document, "variables": calls[place]},
                headers={"Authorization": f"Bearer {key}"},
            )
            if response.status_code != 503:
                break
        body = response.json()
        assert "errors" not in body, body
        data: dict[str, Any] = body["data"]
        return data

    async def send_all() -> list[dict[str, Any]]:
        limits = httpx.Limits(max_connections=len(calls))
        async with httpx.AsyncClient(timeout=60, limits=limits) as client:
            return await asyncio.gather(*(send(client, place) for place in range(len(calls))))

    return asyncio.run(send_all())
