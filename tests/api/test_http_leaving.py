"""When a caller leaves in the middle of a request, what the database does for it is stopped."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING

import pytest

from tests.api.held_work import CREATE, POOL, WORK, assert_nothing_is_lost, held, until_waiting
from tests.api.raw_http import TESTER, WHO, post, wire
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi


@pytest.fixture(scope="module")
def running(module_database: str) -> Iterator[RunningApi]:
    """A server with few connections, and one team."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Else the kernel gives a connection that is read quickly megabytes, and takes what the server leaves.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    with running_api(module_database, database_pool_size=POOL, listener=listener) as api:
        api.execute(CREATE)
        yield api


def request(document: str) -> bytes:
    return post(json.dumps({"query": document}).encode())


@pytest.mark.parametrize(("table", "document"), WORK.values(), ids=WORK)
async def test_its_work_is_stopped(running: RunningApi, module_database: str, table: str, document: str) -> None:
    """Otherwise callers who ask and leave, again and again, take the whole pool for as long as the database works."""
    async with held(module_database, table):
        async with wire(running.address) as connection:
            await connection.send(request(document))
            await until_waiting(module_database, anybody=True)
            connection.hang_up()
        await until_waiting(module_database, anybody=False)
    await assert_nothing_is_lost(running, module_database)


async def test_it_is_seen_while_another_request_waits_behind(running: RunningApi, module_database: str) -> None:
    """The connection knows its newest request best, and the one that is worked on is another."""
    table, document = WORK["a loader"]
    async with held(module_database, table):
        async with wire(running.address) as connection:
            await connection.send(request(document))
            await until_waiting(module_database, anybody=True)
            await connection.send(post())
            # By the time that this is answered, that has been read.
            assert (await asyncio.to_thread(running.client.get, f"{running.address}/livez")).status_code == 200
            connection.hang_up()
        await until_waiting(module_database, anybody=False)
    await assert_nothing_is_lost(running, module_database)


MANY = [post(WHO, "X-Long: " + "a" * 30_000)] * 90
LARGE = [post(WHO + b" " * 1_900_000)] * 5


@pytest.mark.parametrize("waiting", [MANY, LARGE], ids=["many", "large"])
async def test_little_is_read_ahead(running: RunningApi, module_database: str, waiting: list[bytes]) -> None:
    """What waits for a request takes memory for as long as that takes. In the end all are answered."""
    table, document = WORK["a loader"]
    async with wire(running.address) as connection:
        # The kernel takes some as well.
        connection.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        async with held(module_database, table):
            await connection.send(request(document))
            await until_waiting(module_database, anybody=True)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await connection.send(b"".join(waiting))
        answers = [await connection.answer() for _ in [request(document), *waiting]]
    assert {answer.status for answer in answers} == {200}


async def test_a_hundred_who_leave_cost_no_connection(running: RunningApi, module_database: str) -> None:
    """At whatever moment: the pool of two stays a pool of two."""
    table, document = WORK["a loader below"]

    async def ask_and_leave(number: int) -> None:
        async with wire(running.address) as connection:
            await connection.send(request(document))
            await asyncio.sleep(number / 1000)  # one moment after the other: the subject, and nothing to wait for
            connection.hang_up()

    async with held(module_database, table):
        await asyncio.gather(*(ask_and_leave(number) for number in range(50)))
    await asyncio.gather(*(ask_and_leave(number) for number in range(50)))
    await assert_nothing_is_lost(running, module_database)


async def test_leaving_before_the_body_harms_nobody(running: RunningApi, module_database: str) -> None:
    for cut in (1, 20, len(post()) - len(WHO), len(post()) - 1):
        async with wire(running.address) as connection:
            await connection.send(post()[:cut])
            connection.hang_up()
    async with wire(running.address) as connection:
        await connection.send(post())
        assert (await connection.answer()).data == TESTER
    await assert_nothing_is_lost(running, module_database)
