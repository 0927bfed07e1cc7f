"""While the processor is busy, requests begin in turn; nobody waits who need not."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
from graphql import get_introspection_query

from graphql_api.beginnings import TOGETHER_MAXIMUM
from schema.documents.large_operations import LARGE as LARGE_COST
from tests.api.busy_api import TOGETHER, WHO, all_turns_taken, answered, asking, busy_api, until_at_work, wait_in_line
from tests.api.held_work import held
from tests.api.processes import fetch
from tests.api.raw_http import PATIENCE, TESTER, head, post, wire
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

UNREAD = """mutation {
  createTeam(input: {displayName: "Unread #", platformName: "Unread-#"}) { __typename }
}"""
ALL_UNREAD = "SELECT id FROM teams WHERE display_name LIKE 'Unread%'"
LARGE = """{ teams(first: 100) { nodes { id displayName
  sessions(first: 8) { nodes { id sessionId platform userId createdAt lastActivityAt } }
} } }"""


@pytest.fixture
def busy(module_database: str) -> Iterator[RunningApi]:
    with busy_api(module_database) as api:
        yield api


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
