"""A server that is always busy, and callers who wait for their turns there."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from db.engine import SERVING_LIMITS
from graphql_api.beginnings import Beginnings
from schema.turns_while_busy import TurnsWhileBusy
from tests.api.held_work import COUNT, OURS, WAITING, held
from tests.api.processes import fetch
from tests.api.raw_http import PATIENCE, head, post, wire
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
    from contextlib import AsyncExitStack

    from graphql_api.deadlines import Deadlines
    from graphql_api.in_flight import InFlight
    from tests.api.raw_http import Wire
    from tests.running_api import RunningApi

TOGETHER = 4
MAXIMUM = TOGETHER + 2
"""How many may have begun or wait to."""

WHO = "{ viewer { name } }"


@contextmanager
def busy_api(database: str, *, taken: int = 0, **options: Any) -> Iterator[RunningApi]:
    """A server whose processor is at work whenever that is asked: requests begin only as others end.

    So many turns are taken for ever. A busy machine may take longer than statements otherwise wait for a lock.
    """

    def beginnings(in_flight: InFlight, deadlines: Deadlines) -> Beginnings:
        turns = TurnsWhileBusy(TOGETHER, 1, 0.001, clock=lambda: 0.0)
        for _ in range(taken):
            assert turns.take_at_once(1)
        return Beginnings(in_flight, deadlines, turns)

    with pytest.MonkeyPatch.context() as replaced:
        replaced.setattr("graphql_api.app.SERVING_LIMITS", {**SERVING_LIMITS, "lock_timeout": "60s"})
        replaced.setattr("graphql_api.app.Beginnings", beginnings)
        with running_api(database, database_pool_size=MAXIMUM, http_maximum_requests=MAXIMUM, **options) as api:
            yield api


async def until_logged(lines: Sequence[MutableMapping[str, Any]], number: int, **of: object) -> None:
    """Wait until the log has so many lines that say something."""
    async with asyncio.timeout(PATIENCE):
        while sum(of.items() <= line.items() for line in lines) < number:  # noqa: ASYNC110 - a log has nothing to tell of it
            await asyncio.sleep(0.01)


async def until_at_work(database: str, number: int) -> None:
    """Wait until the database is asked for so many requests."""
    async with asyncio.timeout(PATIENCE):
        while len(await fetch(database, f"SELECT pid {OURS} AND {WAITING}")) != number:  # noqa: ASYNC110 - another process has nothing to tell of it
            await asyncio.sleep(0.01)


async def asking(api: RunningApi, stack: AsyncExitStack, document: str = COUNT) -> Wire:
    """Send a request on a connection of its own, all of it at once."""
    connection = await stack.enter_async_context(wire(api.address))
    await connection.send(post(json.dumps({"query": document}).encode()))
    return connection


@asynccontextmanager
async def all_turns_taken(api: RunningApi, database: str, stack: AsyncExitStack) -> AsyncIterator[None]:
    """Have as many requests at work as have turns, until the end of the block; all of them are answered after it."""
    async with held(database, "teams"):
        at_work = [await asking(api, stack) for _ in range(TOGETHER)]
        await until_at_work(database, TOGETHER)
        yield
    assert [(await connection.answer()).status for connection in at_work] == [200] * TOGETHER


async def answered(connections: Sequence[Wire]) -> list[int]:
    """Wait for the answers, and give what came of the requests."""
    return [(await connection.answer()).status for connection in connections]


async def wait_in_line(api: RunningApi, stack: AsyncExitStack, document: str = COUNT) -> list[Wire]:
    """Have as many requests wait for their turns as may."""
    waiting = [await stack.enter_async_context(wire(api.address)) for _ in range(MAXIMUM - TOGETHER)]
    for connection in waiting:
        # From then on it is read.
        await connection.send(head(method="GET", target="/livez") + b"\r\n")
        assert (await connection.answer()).status == 200
        await connection.send(post(json.dumps({"query": document}).encode()))
    # By the time that this is answered, those were read.
    assert (await asyncio.to_thread(api.client.get, f"{api.address}/livez")).status_code == 200
    return waiting
