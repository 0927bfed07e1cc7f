"""Whoever waits to begin counts, may leave, has a deadline and a line in the log, as those that are worked on."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import AsyncExitStack, ExitStack
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

import pytest
from graphql import get_introspection_query
from structlog.testing import capture_logs

from graphql_api.arrival import ARRIVAL, Arrival
from graphql_api.beginnings import Beginnings
from graphql_api.deadlines import Deadlines
from graphql_api.in_flight import InFlight
from tests.api.busy_api import (
    MAXIMUM,
    TOGETHER,
    WHO,
    all_turns_taken,
    answered,
    asking,
    busy_api,
    until_at_work,
    until_logged,
    wait_in_line,
)
from tests.api.held_work import COUNT, held
from tests.api.processes import fetch
from tests.api.raw_http import PATIENCE, head, post, wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

LEAVING = """mutation {
  createTeam(input: {displayName: "Leaving", platformName: "Leaving"}) { __typename }
}"""
# The least that the operating system keeps for a socket, so that the rest stays with the server.
LITTLE = 4096


@pytest.fixture
def busy(module_database: str) -> Iterator[RunningApi]:
    with busy_api(module_database) as api:
        yield api


async def until_answered(api: RunningApi, status: int) -> None:
    """Ask for something for which nobody needs a turn until it is answered like that."""
    async with asyncio.timeout(PATIENCE), wire(api.address) as connection:
        while True:
            await connection.send(head(method="GET", target=f"/graphql?query={quote(WHO)}") + b"\r\n")
            if (await connection.answer()).status == status:
                return


async def test_beyond_the_bound_callers_are_told_to_come_back(busy: RunningApi, module_database: str) -> None:
    """Those who wait count as well, and are served all the same."""
    async with AsyncExitStack() as stack:
        async with all_turns_taken(busy, module_database, stack):
            waiting = await wait_in_line(busy, stack)
            for _ in range(3):
                refused = await (await asking(busy, stack, WHO)).answer()
                assert (refused.status, refused.code) == (503, "OVERLOADED")
        assert await answered(waiting) == [200] * len(waiting)


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


async def test_whose_time_is_up_while_waiting_is_told_so(module_database: str) -> None:
    """Though its turn never comes; and nothing is done for it."""
    with busy_api(module_database, taken=TOGETHER, http_request_seconds=0.3) as api:
        async with AsyncExitStack() as stack:
            assert (await (await asking(api, stack, LEAVING)).answer()).code == "TIMEOUT"
    assert await fetch(module_database, "SELECT id FROM teams WHERE display_name = 'Leaving'") == []


async def test_who_has_sent_a_long_body_is_seen_to_leave(module_database: str) -> None:
    """The server reads no more of it than so much before it is asked for."""
    request = post(json.dumps({"query": COUNT + " " * 100_000}).encode())
    with busy_api(module_database, taken=TOGETHER, http_request_seconds=3 * PATIENCE) as api, ExitStack() as sent:
        filling = asyncio.create_task(until_answered(api, 503))
        while not filling.done():
            # Where it comes in pieces, it is worked on at once.
            connection = sent.enter_context(socket.create_connection(("127.0.0.1", urlsplit(api.address).port)))
            await asyncio.to_thread(connection.sendall, request)
            await asyncio.sleep(0.01)
        await filling
        sent.close()
        await until_answered(api, 200)


async def test_whose_answer_is_not_read_counts_no_longer(module_database: str) -> None:
    """Whatever was asked for: also what needs no key."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LITTLE)
    page = f"/graphql?query={quote(get_introspection_query())}"
    with busy_api(module_database, taken=TOGETHER, listener=listener, http_request_seconds=1.5) as api:
        async with AsyncExitStack() as stack:
            for _ in range(MAXIMUM):
                unread = stack.enter_context(socket.socket())
                unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
                unread.connect(listener.getsockname())
                # The first answer is more than is kept of what nobody reads, so the second has to wait.
                unread.sendall(head(method="GET", target=page) + b"\r\n")
                unread.sendall(head("Content-Length: 0", target="/nothing", key="none") + b"\r\n")
            # While they wait for their turns they count, and then their time is up.
            await until_answered(api, 503)
            await until_answered(api, 200)


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
    took = [line["milliseconds"] for line in lines if line.get("method") == "POST"]
    assert len([milliseconds for milliseconds in took if milliseconds >= waited]) == MAXIMUM


async def test_those_who_came_first_are_served_though_all_come_at_once() -> None:
    """Before the event loop comes to any of them, and beside others that have no turns."""
    loop = asyncio.get_running_loop()
    deadlines = Deadlines(PATIENCE)
    deadlines.watched.update(Arrival(loop.time()) for _ in range(TOGETHER))
    beginnings = Beginnings(InFlight(deadlines.watched, 2 * TOGETHER), deadlines)
    connection: Any = SimpleNamespace(config=SimpleNamespace(reset_contextvars=False), loop=loop, tasks=set())

    async def work(_: object) -> None:
        """Do nothing."""

    arrivals = [Arrival(loop.time()) for _ in range(2 * TOGETHER)]
    for arrival in arrivals:
        arrival.is_whole = True
        cycle: Any = SimpleNamespace(scope={"method": "POST", ARRIVAL: arrival}, run_asgi=work)
        beginnings.begin(connection, cycle, cast("Any", None))
    assert [arrival.is_too_much for arrival in arrivals] == [False] * TOGETHER + [True] * TOGETHER
    await asyncio.gather(*connection.tasks)
