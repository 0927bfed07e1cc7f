"""While the processor is busy, requests begin in turn; nobody waits who need not."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from graphql import get_introspection_query
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
    from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence

    from graphql_api.deadlines import Deadlines
    from graphql_api.in_flight import InFlight
    from tests.api.raw_http import Wire
    from tests.running_api import RunningApi

TOGETHER = 4
MAXIMUM = TOGETHER + 2
"""How many may have begun or wait to."""

WHO = "{ viewer { name } }"
LEAVING = """mutation {
  createTeam(input: {displayName: "Leaving", platformName: "Leaving"}) { __typename }
}"""
UNREAD = """mutation {
  createTeam(input: {displayName: "Unread #", platformName: "Unread-#"}) { __typename }
}"""
ALL_UNREAD = "SELECT id FROM teams WHERE display_name LIKE 'Unread%'"
LARGE = """{ teams(first: 100) { nodes { id displayName
  sessions(first: 8) { nodes { id sessionId platform userId createdAt lastActivityAt } }
} } }"""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer than statements otherwise wait for a lock."""
    monkeypatch.setattr("graphql_api.app.SERVING_LIMITS", {**SERVING_LIMITS, "lock_timeout": "60s"})


@contextmanager
def busy_api(database: str, **options: Any) -> Iterator[RunningApi]:
    """A server whose processor is at work whenever that is asked: requests begin only as others end."""

    def beginnings(in_flight: InFlight, deadlines: Deadlines) -> Beginnings:
        return Beginnings(in_flight, deadlines, TurnsWhileBusy(TOGETHER, 1, 0.001, clock=lambda: 0.0))

    with pytest.MonkeyPatch.context() as replaced:
        replaced.setattr("graphql_api.app.Beginnings", beginnings)
        with running_api(database, database_pool_size=MAXIMUM, http_maximum_requests=MAXIMUM, **options) as api:
            yield api


@pytest.fixture
def busy(module_database: str) -> Iterator[RunningApi]:
    with busy_api(module_database) as api:
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


async def test_who_finds_no_turn_begins_when_others_are_done(busy: RunningApi, module_database: str) -> None:
    """And not before, though there are connections to the database for it."""
    async with AsyncExitStack() as stack:
        async with held(module_database, "teams"):
            # A connection to the database that is made only now would be a reason to wait as well.
            first = [await asking(busy, stack) for _ in range(TOGETHER)]
            await until_at_work(module_database, TOGETHER)
        assert await answered(first) == [200] * TOGETHER
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
    """The log has it at once, and others can wait in its place."""
    async with AsyncExitStack() as stack:
        with capture_logs() as lines:
            async with all_turns_taken(busy, module_database, stack):
                for connection in await wait_in_line(busy, stack, LEAVING):
                    connection.hang_up()
                await until_logged(lines, MAXIMUM - TOGETHER, status=499)
                waiting = await wait_in_line(busy, stack)
                assert (await (await asking(busy, stack, WHO)).answer()).status == 503
            assert await answered(waiting) == [200] * len(waiting)
    # All turns are there again, and nobody has to wait for one.
    async with AsyncExitStack() as stack, all_turns_taken(busy, module_database, stack):
        await wait_in_line(busy, stack)
    assert await fetch(module_database, "SELECT id FROM teams WHERE display_name = 'Leaving'") == []


async def test_those_at_work_without_a_turn_count_together_with_those_who_wait(
    busy: RunningApi, module_database: str
) -> None:
    """And whoever has waited is not refused after that."""
    async with AsyncExitStack() as stack:
        async with all_turns_taken(busy, module_database, stack):
            without = await stack.enter_async_context(wire(busy.address))
            await without.send(head(method="GET", target=f"/graphql?query={quote(COUNT)}") + b"\r\n")
            await until_at_work(module_database, TOGETHER + 1)
            waiting, *refused = await wait_in_line(busy, stack)
            assert await answered(refused) == [503] * (MAXIMUM - TOGETHER - 1)
            # Neither has one more of those.
            other = await stack.enter_async_context(wire(busy.address))
            await other.send(head(method="GET", target=f"/graphql?query={quote(COUNT)}") + b"\r\n")
            assert (await other.answer()).code == "OVERLOADED"
        assert await answered([waiting, without]) == [200, 200]


async def test_whose_time_is_up_while_waiting_is_told_so(module_database: str) -> None:
    """Then and not when its turn would have come, and nothing is done for it."""
    with capture_logs() as lines, busy_api(module_database, http_request_seconds=1.0) as api:
        async with AsyncExitStack() as stack, held(module_database, "teams"):
            first = await stack.enter_async_context(wire(api.address))
            request = post(json.dumps({"query": LEAVING}).encode())
            await first.send(request[:10])
            await asyncio.sleep(0.2)  # by how much sooner it ends than the others is the subject
            at_work = [await asking(api, stack) for _ in range(TOGETHER)]
            await until_at_work(module_database, TOGETHER)
            await first.send(request[10:])
            assert (await first.answer()).code == "TIMEOUT"
            # The line of its own may be there.
            assert [line.get("status") for line in lines].count(504) <= 1
            assert await answered(at_work) == [504] * TOGETHER
    assert await fetch(module_database, "SELECT id FROM teams WHERE display_name = 'Leaving'") == []


async def test_who_waits_when_the_process_is_to_end_begins(module_database: str) -> None:
    """The process does not wait for long, and whoever has not begun by then gets no answer."""
    running = ExitStack()
    async with AsyncExitStack() as stack:
        stack.enter_context(running)
        api = running.enter_context(busy_api(module_database))
        async with held(module_database, "teams"):
            connections = [await asking(api, stack) for _ in range(TOGETHER)]
            await until_at_work(module_database, TOGETHER)
            connections += await wait_in_line(api, stack)
            ending = asyncio.create_task(asyncio.to_thread(running.close))
            await until_at_work(module_database, MAXIMUM)
        assert await answered(connections) == [200] * MAXIMUM
        await ending


async def test_who_does_not_read_an_answer_holds_no_turn(module_database: str) -> None:
    """It may take as long as that before there is room to send it."""
    little = 4096
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, little)
    with busy_api(module_database, listener=listener) as api:
        async with AsyncExitStack() as stack:
            for number in range(TOGETHER):
                unread = stack.enter_context(socket.socket())
                unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, little)
                unread.connect(listener.getsockname())
                # The first answer is more than is kept of what nobody reads, so the second has to wait.
                unread.sendall(post(json.dumps({"query": get_introspection_query()}).encode()))
                unread.sendall(post(json.dumps({"query": UNREAD.replace("#", str(number))}).encode()))
            async with asyncio.timeout(PATIENCE):
                while len(await fetch(module_database, ALL_UNREAD)) != TOGETHER:  # noqa: ASYNC110 - another process has nothing to tell of it
                    await asyncio.sleep(0.01)
            assert (await (await asking(api, stack, WHO)).answer()).data == TESTER


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
        # A line is written after its answer.
        await until_logged(lines, MAXIMUM, method="POST")
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
