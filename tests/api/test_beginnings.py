"""While the processor is busy, requests begin in turn; nobody waits who need not."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from db.engine import SERVING_LIMITS
from graphql_api.beginnings import TOGETHER_MAXIMUM, Beginnings
from schema.documents.large_operations import LARGE as LARGE_COST
from schema.turns_while_busy import TurnsWhileBusy
from tests.api.held_work import COUNT, OURS, WAITING, held
from tests.api.processes import fetch
from tests.api.raw_http import PATIENCE, TESTER, head, post, wire
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from tests.api.raw_http import Wire
    from tests.running_api import RunningApi

TOGETHER = 4
MAXIMUM = TOGETHER + 2
"""How many may have begun or wait to."""

WHO = "{ viewer { name } }"
LEAVING = """mutation {
  createTeam(input: {displayName: "Leaving", platformName: "Leaving"}) { __typename }
}"""
LARGE = """{ teams(first: 100) { nodes { id displayName
  sessions(first: 8) { nodes { id sessionId platform userId createdAt lastActivityAt } }
} } }"""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer than statements otherwise wait for a lock."""
    monkeypatch.setattr("graphql_api.app.SERVING_LIMITS", {**SERVING_LIMITS, "lock_timeout": "60s"})


@pytest.fixture
def busy(module_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningApi]:
    """A server whose processor is at work whenever that is asked: requests begin only as others end."""

    def beginnings(maximum: int) -> Beginnings:
        return Beginnings(maximum, TurnsWhileBusy(TOGETHER, 1, 0.001, clock=lambda: 0.0))

    monkeypatch.setattr("graphql_api.connections.Beginnings", beginnings)
    with running_api(module_database, database_pool_size=MAXIMUM, http_maximum_requests=MAXIMUM) as api:
        yield api


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


async def test_who_finds_no_turn_begins_when_others_are_done(busy: RunningApi, module_database: str) -> None:
    """And not before, though there are connections to the database for it."""
    async with AsyncExitStack() as stack:
        async with all_turns_taken(busy, module_database, stack):
            waiting = await wait_in_line(busy, stack)
            await until_at_work(module_database, TOGETHER)
        assert await answered(waiting) == [200] * len(waiting)


async def test_beyond_the_bound_callers_are_told_to_come_back(busy: RunningApi, module_database: str) -> None:
    """Those who wait count as well, and are served all the same."""
    async with AsyncExitStack() as stack:
        async with all_turns_taken(busy, module_database, stack):
            waiting = await wait_in_line(busy, stack)
            for _ in range(3):
                refused = await (await asking(busy, stack, WHO)).answer()
                assert (refused.status, refused.code) == (503, "OVERLOADED")
        assert await answered(waiting) == [200] * len(waiting)


async def test_a_health_check_and_a_page_wait_for_nobody(busy: RunningApi, module_database: str) -> None:
    async with AsyncExitStack() as stack, all_turns_taken(busy, module_database, stack):
        await wait_in_line(busy, stack)
        get = busy.client.get
        assert (await asyncio.to_thread(get, f"{busy.address}/livez")).status_code == 200
        page = await asyncio.to_thread(get, f"{busy.address}/graphql", headers={"Accept": "text/html"})
        assert page.status_code == 200


async def test_nobody_waits_for_a_body_that_is_on_its_way(busy: RunningApi) -> None:
    """Otherwise a few who send slowly keep everybody else out."""
    body = json.dumps({"query": WHO}).encode()
    async with AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(wire(busy.address)) for _ in range(TOGETHER)]
        for connection in slow:
            await connection.send(head(f"Content-Length: {len(body)}", "Expect: 100-continue") + b"\r\n")
            assert b" 100 " in await connection.reader.readuntil(b"\r\n\r\n")
        assert (await (await asking(busy, stack, WHO)).answer()).data == TESTER
        for connection in slow:
            await connection.send(body)
        assert await answered(slow) == [200] * TOGETHER


async def test_a_large_operation_lets_others_begin(busy: RunningApi, module_database: str) -> None:
    """It waits for a turn of another kind, or is at work for long."""
    assert busy.post(LARGE).json()["extensions"]["cost"]["requested"] >= LARGE_COST
    async with AsyncExitStack() as stack:
        async with held(module_database, "teams"):
            large = [await asking(busy, stack, LARGE) for _ in range(TOGETHER)]
            await until_at_work(module_database, TOGETHER)
            assert (await (await asking(busy, stack, WHO)).answer()).data == TESTER
        assert await answered(large) == [200] * TOGETHER


async def test_who_leaves_while_waiting_is_not_worked_for(busy: RunningApi, module_database: str) -> None:
    with capture_logs() as lines:
        async with AsyncExitStack() as stack, all_turns_taken(busy, module_database, stack):
            for connection in await wait_in_line(busy, stack, LEAVING):
                connection.hang_up()
        async with asyncio.timeout(PATIENCE):
            while [line.get("status") for line in lines].count(499) < MAXIMUM - TOGETHER:  # noqa: ASYNC110 - a log has nothing to tell of it
                await asyncio.sleep(0.01)
    # All turns are there again, and nobody has to wait for one.
    async with AsyncExitStack() as stack, all_turns_taken(busy, module_database, stack):
        await wait_in_line(busy, stack)
    assert await fetch(module_database, "SELECT id FROM teams WHERE display_name = 'Leaving'") == []


async def test_the_log_has_the_time_from_the_coming_on(busy: RunningApi, module_database: str) -> None:
    """Whoever looks for what was slow finds what its callers had to wait."""
    with capture_logs() as lines:
        async with AsyncExitStack() as stack:
            async with all_turns_taken(busy, module_database, stack):
                waiting = await wait_in_line(busy, stack, WHO)
                began = time.perf_counter()
                await until_at_work(module_database, TOGETHER)
                waited = (time.perf_counter() - began) * 1000
            assert await answered(waiting) == [200] * len(waiting)
        async with asyncio.timeout(PATIENCE):
            # A line is written after its answer.
            while [line.get("method") for line in lines].count("POST") < MAXIMUM:  # noqa: ASYNC110 - a log has nothing to tell of it
                await asyncio.sleep(0.01)
    took = [line["milliseconds"] for line in lines if line.get("status") == 200]
    assert len([milliseconds for milliseconds in took if milliseconds >= waited]) == MAXIMUM


async def test_a_process_that_waits_for_the_database_begins_with_all(module_database: str) -> None:
    """As it is shipped, and though those before them are not done."""
    number = 2 * TOGETHER_MAXIMUM
    with running_api(module_database, database_pool_size=2) as api:
        async with AsyncExitStack() as stack, held(module_database, "teams"):
            at_work = [await asking(api, stack) for _ in range(TOGETHER_MAXIMUM)]
            others = [await asking(api, stack, WHO) for _ in range(number)]
            # Sooner than those before them are refused for want of a connection to the database.
            async with asyncio.timeout(2):
                assert await answered(others) == [200] * number
            for connection in at_work:
                connection.hang_up()
