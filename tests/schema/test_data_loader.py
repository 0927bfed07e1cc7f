"""Many keys are loaded by one call; a field that fails stops its siblings, and nobody else."""

from __future__ import annotations

import asyncio
import traceback

import pytest

from schema.data_loader import DataLoader

pytestmark = pytest.mark.anyio


class Recorded:
    """Notes what is loaded; answers when told to."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.stopped: list[list[int]] = []
        self.called = asyncio.Event()
        self.answer = asyncio.Event()

    async def load(self, keys: list[int]) -> list[int]:
        """Give keys as their results; 0 fails."""
        self.calls.append(keys)
        self.called.set()
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            self.stopped.append(keys)
            raise
        if 0 in keys:
            raise ValueError("nothing has the key 0")
        return [10 * key for key in keys]


async def waiter(loader: DataLoader[int, int], key: int) -> int:
    return await loader.load(key)


async def test_what_is_asked_for_at_the_same_time_is_one_call_and_each_key_is_loaded_once() -> None:
    recorded = Recorded()
    loader = DataLoader(recorded.load)
    recorded.answer.set()
    assert [*await asyncio.gather(*(waiter(loader, key) for key in (1, 2, 1)))] == [10, 20, 10]
    assert [*await asyncio.gather(*(waiter(loader, key) for key in (2, 3)))] == [20, 30]
    assert recorded.calls == [[1, 2], [3]]


async def test_who_comes_while_a_key_is_loaded_waits_for_the_same_call() -> None:
    recorded = Recorded()
    loader = DataLoader(recorded.load)
    first = asyncio.create_task(waiter(loader, 1))
    await recorded.called.wait()
    second = asyncio.create_task(waiter(loader, 1))
    await asyncio.sleep(0)
    recorded.answer.set()
    assert [*await asyncio.gather(first, second)] == [10, 10]
    assert recorded.calls == [[1]]


async def test_who_stops_waiting_for_a_key_stops_nobody_else() -> None:
    recorded = Recorded()
    loader = DataLoader(recorded.load)
    stopped, waiting = (asyncio.create_task(waiter(loader, 1)) for _ in range(2))
    await recorded.called.wait()
    stopped.cancel()
    await asyncio.wait({stopped})
    recorded.answer.set()
    assert await waiting == 10
    assert recorded.stopped == []


async def test_a_call_ends_when_nobody_waits_for_any_of_its_keys_and_the_keys_can_be_asked_for_again() -> None:
    recorded = Recorded()
    loader = DataLoader(recorded.load)
    waiting = [asyncio.create_task(waiter(loader, key)) for key in (1, 2)]
    await recorded.called.wait()
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    recorded.answer.set()
    assert await loader.load(1) == 10
    assert recorded.stopped == [[1, 2]]
    assert recorded.calls == [[1, 2], [1]]


async def test_a_key_that_was_given_up_before_it_was_loaded_is_there_for_others() -> None:
    recorded = Recorded()
    loader = DataLoader(recorded.load)
    given_up, kept = loader.load(1), loader.load(2)
    given_up.cancel()
    recorded.answer.set()
    assert await kept == 20
    assert await loader.load(1) == 10


async def test_everybody_who_waits_has_the_error_of_the_call() -> None:
    recorded = Recorded()
    loader = DataLoader(recorded.load)
    recorded.answer.set()
    found = await asyncio.gather(*(waiter(loader, key) for key in (0, 1)), return_exceptions=True)
    assert [type(each) for each in found] == [ValueError, ValueError]
    with pytest.raises(ValueError, match="key 0"):
        await loader.load(1)


async def test_an_error_has_for_everybody_the_traceback_that_it_came_with() -> None:
    recorded = Recorded()
    loader = DataLoader(recorded.load)
    recorded.answer.set()
    lengths = []

    async def failing() -> None:
        try:
            await loader.load(0)
        except ValueError as error:
            lengths.append(len(traceback.extract_tb(error.__traceback__)))

    await asyncio.gather(*(failing() for _ in range(3)))
    assert len(set(lengths)) == 1


async def test_who_is_stopped_after_the_call_has_ended_is_stopped_all_the_same() -> None:
    recorded = Recorded()
    loader = DataLoader(recorded.load)
    stopped, waiting = (asyncio.create_task(waiter(loader, 1)) for _ in range(2))
    await recorded.called.wait()
    recorded.answer.set()
    # The turn in which the call ends: those who wait are told in the next one.
    await asyncio.sleep(0)
    stopped.cancel()
    assert await waiting == 10
    assert stopped.cancelled()
    assert recorded.stopped == []


async def test_what_is_loaded_can_be_waited_for_by_all_that_asyncio_has() -> None:
    recorded = Recorded()
    loader = DataLoader(recorded.load)
    recorded.answer.set()
    assert [*await asyncio.gather(loader.load(1), loader.load(2))] == [10, 20]
    assert await asyncio.wait_for(loader.load(3), 5) == 30
    assert recorded.calls == [[1, 2], [3]]
    # Nothing to wait for any more.
    assert await loader.load(3) == 30


async def test_one_wait_serves_one_task() -> None:
    recorded = Recorded()
    loader = DataLoader(recorded.load)
    wait = loader.load(1)
    first = asyncio.ensure_future(wait)
    await recorded.called.wait()
    with pytest.raises(RuntimeError, match="once"):
        await wait
    recorded.answer.set()
    assert await first == 10


def test_an_interrupt_of_one_leaves_the_others_their_results() -> None:
    recorded = Recorded()
    loader = DataLoader(recorded.load)
    recorded.answer.set()
    given = []

    async def interrupted() -> None:
        await loader.load(1)
        raise KeyboardInterrupt

    async def given_later() -> None:
        given.append(await loader.load(2))

    event_loop = asyncio.new_event_loop()
    tasks = [event_loop.create_task(each()) for each in (interrupted, given_later)]
    with pytest.raises(KeyboardInterrupt):
        event_loop.run_until_complete(asyncio.wait(tasks))
    event_loop.run_until_complete(asyncio.wait(tasks))
    assert isinstance(tasks[0].exception(), KeyboardInterrupt)
    event_loop.close()
    assert given == [20]
