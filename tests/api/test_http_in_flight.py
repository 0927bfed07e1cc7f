"""So many requests are worked on at once, and no more; the process goes on saying that it lives."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from tests.api.held_work import COUNT, OURS, POOL, SOON, WAITING, WORK, held
from tests.api.processes import fetch
from tests.api.raw_http import PATIENCE, TESTER, head, post, wire
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.raw_http import Wire
    from tests.running_api import RunningApi

# With a second one, whoever was left behind may wait for the next to hold the table, and be taken for somebody else.
HELD, ONE_STATEMENT = WORK["a loader"]


@pytest.fixture(scope="module")
def running(module_database: str) -> Iterator[RunningApi]:
    """A server that works on few requests at once."""
    with running_api(module_database, database_pool_size=POOL, http_maximum_requests=POOL) as api:
        yield api


async def keep_busy(running: RunningApi, database: str, stack: AsyncExitStack) -> list[Wire]:
    """Have the server work on as many requests as it may, as soon as it has ended those before."""
    busy: list[Wire] = []
    async with asyncio.timeout(PATIENCE):
        while len(busy) < POOL:
            connection = await stack.enter_async_context(wire(running.address))
            await connection.send(post(json.dumps({"query": ONE_STATEMENT}).encode()))
            if await is_worked_on(connection, database, len(busy) + 1):
                busy.append(connection)
    return busy


async def is_worked_on(connection: Wire, database: str, expected: int) -> bool:
    """Wait until as many requests as expected wait for the database, or this one was refused."""
    answering = asyncio.ensure_future(connection.answer())
    while not answering.done():
        if len(await fetch(database, f"SELECT pid {OURS} AND {WAITING}")) >= expected:
            answering.cancel()
            return True
        await asyncio.sleep(0.01)
    assert answering.result().status == 503
    return False


async def test_beyond_the_bound_callers_are_told_to_come_back(running: RunningApi, module_database: str) -> None:
    async with AsyncExitStack() as stack:
        async with held(module_database, HELD):
            busy = await keep_busy(running, module_database, stack)
            with running.counted() as statements:
                refused = [await asyncio.to_thread(running.by(key).post, COUNT) for key in (running.key, "ak_x", "y")]
            for response in refused:
                assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
                (error,) = response.json()["errors"]
                assert error["extensions"] == {"code": "OVERLOADED"}
                assert "nothing was done" in error["message"]
            assert statements == [], "the database is what they wait for"
            live = await asyncio.to_thread(running.client.get, f"{running.address}/livez")
            assert live.status_code == 200
            page = await asyncio.to_thread(
                running.client.get, f"{running.address}/graphql", headers={"Accept": "text/html"}
            )
            assert page.status_code == 200
        assert [(await connection.answer()).status for connection in busy] == [200] * POOL
    assert running.execute("{ viewer { name } }") == TESTER


@pytest.mark.parametrize("leave", [False, True], ids=["answered", "left"])
async def test_a_place_is_given_back(running: RunningApi, module_database: str, *, leave: bool) -> None:
    """However the request ended: a place that is not given back is lost until the next start."""
    for _ in range(3):
        async with AsyncExitStack() as stack:
            async with held(module_database, HELD):
                busy = await keep_busy(running, module_database, stack)
                if leave:
                    for connection in busy:
                        connection.hang_up()
            if not leave:
                assert [(await connection.answer()).status for connection in busy] == [200] * POOL
    async with asyncio.timeout(SOON):
        while (await asyncio.to_thread(running.post, COUNT)).status_code != 200:
            pass
    await asyncio.gather(*(asyncio.to_thread(running.post, "{") for _ in range(POOL)))
    assert [(await asyncio.to_thread(running.post, COUNT)).status_code for _ in range(POOL * 2)] == [200] * POOL * 2


async def test_waiting_for_a_body_takes_no_place(running: RunningApi) -> None:
    """Otherwise a few who send slowly keep everybody else out."""
    async with AsyncExitStack() as stack:
        for _ in range(POOL * 5):
            connection = await stack.enter_async_context(wire(running.address))
            # The server says when it begins to wait.
            await connection.send(head("Content-Length: 10", "Expect: 100-continue") + b"\r\n")
            assert b" 100 " in await connection.reader.readuntil(b"\r\n\r\n")
        assert (await asyncio.to_thread(running.post, COUNT)).status_code == 200


async def test_the_bound_is_no_bound_on_connections(running: RunningApi) -> None:
    """Callers keep theirs open between requests."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(wire(running.address)) for _ in range(POOL * 5)]
        for connection in opened:
            await connection.send(post())
            assert (await connection.answer()).data == TESTER
