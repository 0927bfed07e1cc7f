"""One timer watches over all requests, and each is stopped when it is due and not because of another."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from starlette.responses import Response

from graphql_api.arrival import ARRIVAL, Arrival
from graphql_api.endpoint import GraphQLEndpoint, RequestLimits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Message, Scope

SOON = 0.05
LATER = 60.0
PATIENCE = 10.0
TIMED_OUT = 504


class Working(GraphQLEndpoint):
    """Does the work of a test where an operation would be executed."""

    def __init__(self, seconds: float) -> None:
        nothing: Any = None
        limits = RequestLimits(body_bytes=1, response_bytes=1, seconds=seconds, at_once=1)
        super().__init__(
            nothing,
            database=nothing,
            rules=nothing,
            authenticator=nothing,
            page=nothing,
            exploration=nothing,
            limits=limits,
        )

    async def _execute(self, scope: Scope, *_: Any) -> Response:
        await scope["work"]()
        return Response()


async def at_work(endpoint: Working, arrival: Arrival, work: Callable[[], Awaitable[Any]]) -> None:
    """Have a request worked on; to be stopped is a TimeoutError."""
    status = 0

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    async def receive() -> Message:
        raise AssertionError

    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": [], ARRIVAL: arrival, "work": work}
    await endpoint(scope, receive, send)
    if status == TIMED_OUT:
        raise TimeoutError
    assert status == 200


async def for_ever() -> None:
    await asyncio.get_running_loop().create_future()


async def until_stopped(endpoint: Working, began: float) -> float:
    """Work for ever, and give the moment at which that was stopped."""
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(TimeoutError):
            await at_work(endpoint, Arrival(began), for_ever)
    return asyncio.get_running_loop().time()


def assert_nobody_is_cancelled() -> None:
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_what_begins_later_may_be_due_before_what_is_watched_already() -> None:
    """A caller who sent slowly has less time left than those who came after its first byte."""
    endpoint, loop = Working(LATER), asyncio.get_running_loop()
    now = loop.time()
    other = asyncio.create_task(until_stopped(endpoint, now))
    await asyncio.sleep(0)
    stopped = await until_stopped(endpoint, now - LATER + SOON)
    assert now + SOON <= stopped < now + PATIENCE
    assert not other.done()
    other.cancel()


async def test_the_next_one_is_stopped_after_the_first() -> None:
    endpoint, loop = Working(SOON), asyncio.get_running_loop()
    now = loop.time()
    first, second = await asyncio.gather(until_stopped(endpoint, now), until_stopped(endpoint, now + SOON))
    assert now + SOON <= first
    assert now + 2 * SOON <= second


async def test_what_has_ended_is_left_alone() -> None:
    """The task goes on with other work when the timer rings."""
    endpoint, loop = Working(SOON), asyncio.get_running_loop()
    now = loop.time()
    await at_work(endpoint, Arrival(now), lambda: asyncio.sleep(0))
    await until_stopped(endpoint, now + SOON)


async def test_what_was_due_before_it_began_is_stopped_at_once() -> None:
    endpoint, loop = Working(LATER), asyncio.get_running_loop()
    now = loop.time()
    assert await until_stopped(endpoint, now - 2 * LATER) < now + PATIENCE


async def test_cancelling_by_others_is_no_timeout() -> None:
    """A server that ends cancels its requests, also those that are being stopped."""
    work = Arrival(asyncio.get_running_loop().time())

    async def held() -> None:
        await at_work(Working(LATER), work, for_ever)

    task = asyncio.create_task(held())
    await asyncio.sleep(0)
    work.stop()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_stopping_again_cancels_no_more_than_once() -> None:
    """A caller leaves while its request is being stopped; the task is free of it afterwards."""
    work = Arrival(asyncio.get_running_loop().time())
    loop = asyncio.get_running_loop()
    loop.call_soon(work.stop)
    loop.call_soon(work.stop)
    with pytest.raises(TimeoutError):
        await at_work(Working(LATER), work, for_ever)
    assert_nobody_is_cancelled()


async def test_what_fails_while_it_is_stopped_fails_by_itself() -> None:
    """A statement that is cancelled may end with an error of its own; it is told, and the task is free as well."""
    work = Arrival(asyncio.get_running_loop().time())

    async def held() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            raise LookupError from None

    asyncio.get_running_loop().call_soon(work.stop)
    with pytest.raises(LookupError):
        await at_work(Working(LATER), work, held)
    assert_nobody_is_cancelled()


async def test_a_limit_inside_that_is_reached_at_the_same_time_does_not_hide_it() -> None:
    """The database's own limits on time are within the request's."""
    work = Arrival(asyncio.get_running_loop().time())

    async def held() -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(0):
                loop.call_soon(work.stop)
                await loop.create_future()
        except TimeoutError:
            pytest.fail("the limit inside took the request's for its own")

    with pytest.raises(TimeoutError):
        await at_work(Working(LATER), work, held)
    assert work.stopped
    assert_nobody_is_cancelled()


async def test_a_limit_around_it_is_not_taken_for_its_own() -> None:
    """Whoever cancels the task for another reason hears of it outside."""
    work = Arrival(asyncio.get_running_loop().time())
    outer = asyncio.timeout(SOON)

    async def held() -> None:
        async with outer:
            await at_work(Working(LATER), work, for_ever)

    with pytest.raises(TimeoutError):
        await held()
    assert outer.expired()
    assert not work.stopped
    assert_nobody_is_cancelled()


async def test_stopping_what_has_ended_stops_nothing_else() -> None:
    """A caller may leave when its answer is being written."""
    work = Arrival(asyncio.get_running_loop().time())
    await at_work(Working(LATER), work, lambda: asyncio.sleep(0))
    asyncio.get_running_loop().call_soon(work.stop)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not work.stopped


async def test_what_ends_although_it_was_stopped_is_answered() -> None:
    """It may be done by the time that it hears of it; the task is free afterwards."""
    work = Arrival(asyncio.get_running_loop().time())

    async def deaf() -> None:
        with suppress(asyncio.CancelledError):
            await for_ever()

    asyncio.get_running_loop().call_soon(work.stop)
    await at_work(Working(LATER), work, deaf)
    assert work.stopped
    assert_nobody_is_cancelled()
