"""A database that is silent is told from a statement that takes its time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from db.errors import DatabaseUnavailable
from db.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from db.database import Database


async def never(*_: object) -> None:
    await asyncio.Event().wait()


async def failing_when_cancelled() -> None:
    try:
        await never()
    except asyncio.CancelledError:
        raise LookupError from None


class Asked:
    """A database of which it can be said whether it answers."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.asked: asyncio.Queue[None] = asyncio.Queue()

    async def __call__(self, *_: object) -> None:
        self.asked.put_nowait(None)
        await self.answers.wait()


async def work(watch: Watch, until: asyncio.Event) -> None:
    with watch.over_work():
        await until.wait()


async def fails(watch: Watch, until: asyncio.Event) -> None:
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        await work(watch, until)


@pytest.mark.usefixtures("_hurried")
async def test_all_work_fails_when_the_database_is_silent_and_goes_on_when_it_answers() -> None:
    database, done = Asked(), asyncio.Event()
    watch = Watch(database)
    await asyncio.gather(*(fails(watch, done) for _ in range(5)))
    done.set()
    await fails(watch, done)
    database.answers.set()
    async with asyncio.timeout(10):
        while True:
            try:
                await work(watch, done)
                break
            except DatabaseUnavailable:
                await asyncio.sleep(0)
    await watch.close()


@pytest.mark.usefixtures("_hurried")
async def test_work_that_takes_its_time_is_let_be_and_watched_to_its_end() -> None:
    database, done = Asked(), asyncio.Event()
    database.answers.set()
    watch = Watch(database)
    working = asyncio.create_task(work(watch, done))
    async with asyncio.timeout(10):
        for _ in range(3):
            await database.asked.get()
    database.answers.clear()
    with pytest.raises(DatabaseUnavailable):
        await working
    await watch.close()


@pytest.mark.usefixtures("_hurried")
async def test_a_database_that_answers_is_not_asked_for_nothing() -> None:
    database, done = Asked(), asyncio.Event()
    database.answers.set()
    done.set()
    watch = Watch(database)
    for _ in range(100):
        await work(watch, done)
    assert database.asked.empty()


@pytest.mark.usefixtures("_hurried")
async def test_whoever_gives_up_by_itself_is_cancelled_and_not_refused() -> None:
    watch = Watch(never)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await work(watch, asyncio.Event())
    await watch.close()


async def test_cancelling_by_others_is_no_silence() -> None:
    """A server that ends cancels its requests, also those that are being given up."""
    watched = Watch(never).over_work()

    async def held() -> None:
        with watched:
            await never()

    task = asyncio.create_task(held())
    await asyncio.sleep(0)
    watched.give_up()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("inside", [never, failing_when_cancelled], ids=["is cancelled", "fails by itself"])
async def test_the_task_is_free_after_its_work_was_given_up(inside: Callable[[], Awaitable[None]]) -> None:
    """It goes on, and may be cancelled for another reason; a statement may end with an error of its own."""
    watched = Watch(never).over_work()
    asyncio.get_running_loop().call_soon(watched.give_up)
    with pytest.raises((DatabaseUnavailable, LookupError)) as raised, watched:
        await inside()
    assert isinstance(raised.value, DatabaseUnavailable if inside is never else LookupError)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


@pytest.mark.usefixtures("_hurried")
async def test_the_first_doubt_after_much_short_work_is_noticed() -> None:
    """All work shares a timer, which was set for what has ended since."""
    watch, done = Watch(never), asyncio.Event()
    done.set()
    for _ in range(3):
        await work(watch, done)
        await asyncio.sleep(0.015)
    async with asyncio.timeout(10):
        await fails(watch, asyncio.Event())
    await watch.close()


@pytest.mark.usefixtures("_hurried")
async def test_a_process_that_was_too_busy_to_listen_does_not_take_that_for_silence() -> None:
    """It answered long ago, and nobody looked."""
    done = asyncio.Event()

    async def answer_in_steps(*_asked: object) -> None:
        await asyncio.sleep(0)
        time.sleep(1)  # noqa: ASYNC251 - the process is busy
        for _ in range(5):
            await asyncio.sleep(0)
        done.set()

    watch = Watch(answer_in_steps)
    await work(watch, done)
    await watch.close()


async def test_a_statement_that_takes_its_time_on_a_healthy_database(opened: Database) -> None:
    """Longer than a silent one would be waited for."""
    assert await opened.fetch(lambda session: session.scalar(text("SELECT 1 FROM pg_sleep(3.5)"))) == 1
