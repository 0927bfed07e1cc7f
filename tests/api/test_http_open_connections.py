"""How many connections are open at once, and what becomes of those beyond."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from graphql_api.open_connections import REFUSED_MAXIMUM
from tests.api.raw_http import PATIENCE, TESTER, WHO, head, post, wire
from tests.running_api import running_api

LIVE = b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n"


async def test_beyond_the_bound_idle_connections_make_room(module_database: str) -> None:
    """And not those that are used: a health check gets through while somebody opens connections as fast as it can."""
    with running_api(module_database, http_maximum_connections=10) as api:
        async with wire(api.address) as first:
            await first.send(post())
            await first.answer()
            opened = [await asyncio.open_connection(*api.address.removeprefix("http://").split(":")) for _ in range(30)]
            assert await first.rest() == b"", "it was idle for the longest"
            async with wire(api.address) as last:
                await last.send(LIVE)
                assert (await last.answer()).json() == {"status": "ok"}
            async with asyncio.timeout(PATIENCE):
                for reader, _ in opened[:20]:
                    assert await reader.read() == b""
            for _, writer in opened:
                writer.transport.abort()


async def test_where_none_is_idle_some_are_told_and_the_others_closed(module_database: str) -> None:
    """One that is told is open until it has read that, and so there have to be few of them as well."""
    with running_api(module_database, http_maximum_connections=3) as api:
        async with AsyncExitStack() as stack:
            busy = [await stack.enter_async_context(wire(api.address)) for _ in range(3)]
            for connection in busy:
                await connection.send(head(f"Content-Length: {len(WHO)}", "Expect: 100-continue") + b"\r\n")
                assert (await connection.answer()).status == 100, "its body is waited for"
            beyond = [await stack.enter_async_context(wire(api.address)) for _ in range(REFUSED_MAXIMUM + 20)]
            for connection in beyond[:REFUSED_MAXIMUM]:
                answer = await connection.answer()
                assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "OVERLOADED", "1")
            assert [await connection.rest() for connection in beyond[REFUSED_MAXIMUM:]] == [b""] * 20
            for connection in busy:
                await connection.send(WHO)
                assert (await connection.answer()).data == TESTER
