"""When a caller leaves in the middle of a request, what the database does for it is stopped."""

from __future__ import annotations

import asyncio
import json
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
    with running_api(module_database, database_pool_size=POOL) as api:
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
    async with held(module_database, table), wire(running.address) as connection:
        await connection.send(request(document) + post())
        await until_waiting(module_database, anybody=True)
        # Nothing is read while a request waits; a reset is told all the same, once something is written.
        connection.hang_up()
    await assert_nothing_is_lost(running, module_database)


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
