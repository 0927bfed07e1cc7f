"""A request that takes too long is stopped, and so is what the database does for it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.api.held_work import COUNT, CREATE, OURS, POOL, SOON, WORK, assert_nothing_is_lost, held, until_waiting
from tests.api.processes import fetch
from tests.api.raw_http import TESTER, WHO, post, wire
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

SECONDS = 0.4


@pytest.fixture(scope="module")
def running(module_database: str) -> Iterator[RunningApi]:
    """A server with little patience and few connections, and one team."""
    with running_api(module_database, database_pool_size=POOL, http_request_seconds=SECONDS) as api:
        api.execute(CREATE)
        yield api


@pytest.mark.parametrize(("table", "document"), WORK.values(), ids=WORK)
async def test_it_is_stopped_wherever_it_waits(
    running: RunningApi, module_database: str, table: str, document: str
) -> None:
    async with held(module_database, table):
        began = asyncio.get_running_loop().time()
        response = await asyncio.to_thread(running.post, document)
        took = asyncio.get_running_loop().time() - began
        await until_waiting(module_database, anybody=False)
    assert response.status_code == 504
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "TIMEOUT"}
    assert "look first whether it took place" in error["message"]
    assert SECONDS <= took < SECONDS + SOON
    await assert_nothing_is_lost(running, module_database)


async def test_looking_up_a_key_is_stopped_as_well(running: RunningApi, module_database: str) -> None:
    async with held(module_database, "api_keys"):
        response = await asyncio.to_thread(running.by("ak_" + "x" * 43).post, COUNT)
        await until_waiting(module_database, anybody=False)
    assert response.status_code == 504
    await assert_nothing_is_lost(running, module_database)


async def test_a_mutation_that_was_stopped_did_not_take_place_by_half(
    running: RunningApi, module_database: str
) -> None:
    """The team is changed, then its trail is to be written, which somebody else holds."""
    state = "SELECT revision, daily_quota FROM teams"
    before = await fetch(module_database, state)
    async with held(module_database, "team_revisions"):
        document = 'mutation { updateTeam(input: {id: "VGVhbTox", dailyQuota: 99}) { __typename } }'
        assert (await asyncio.to_thread(running.post, document)).status_code == 504
    await assert_nothing_is_lost(running, module_database)
    assert await fetch(module_database, state) == before


async def test_leaving_while_it_is_being_stopped_does_no_harm(
    running: RunningApi, module_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that answers nothing makes the stopping last as well."""
    running.execute(COUNT)
    frozen = [psutil.Process(pid) for (pid,) in await fetch(module_database, f"SELECT pid {OURS}")]
    for process in frozen:
        process.suspend()
    try:
        async with wire(running.address) as connection:
            await connection.send(post(json.dumps({"query": COUNT}).encode()))
            await asyncio.sleep(SECONDS * 2)  # until it is being stopped, which nothing tells
            connection.hang_up()
            await asyncio.sleep(SECONDS / 2)  # for the server to see it
    finally:
        for process in frozen:
            process.resume()
    await assert_nothing_is_lost(running, module_database)
    assert [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


async def test_waiting_for_the_body_counts(running: RunningApi) -> None:
    """The limit counts from the first byte on, and the connection serves on where the body comes after all."""
    async with wire(running.address) as connection:
        await connection.send(post().removesuffix(WHO))
        answer = await connection.answer()
        assert (answer.status, answer.code) == (504, "TIMEOUT")
        await connection.send(WHO + post())
        assert (await connection.answer()).data == TESTER
