"""Connections are had in the order of coming, however many come at the moment that one is free."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import literal, select

from db.errors import AllConnectionsInUse
from db.statement import Statement
from db.turns import Turns

if TYPE_CHECKING:
    from db.database import Database

CALLERS = 20
TURNS_OF_EACH = 20
QUESTION = Statement(select(literal(1)))


async def test_all_have_as_many_turns_as_the_others(opened: Database) -> None:
    """Otherwise some of many callers wait until their time is over, while others are served again and again."""
    served = Counter(dict.fromkeys(range(CALLERS), 0))
    lead = 0

    async def ask_again_and_again(number: int) -> None:
        nonlocal lead
        for _ in range(TURNS_OF_EACH):
            await opened.rows(QUESTION)
            served[number] += 1
            lead = max(lead, served[number] - min(served.values()))

    await asyncio.gather(*(ask_again_and_again(number) for number in range(CALLERS)))
    # One in order, and a few more while a connection takes its time. Out of order, it is all that there are.
    assert lead < TURNS_OF_EACH / 2


@pytest.fixture
async def until() -> float:
    """Long after all is done."""
    return asyncio.get_running_loop().time() + 60


async def test_the_place_of_one_who_leaves_is_given_to_the_next(until: float) -> None:
    turns = Turns(1)
    await turns.take(until)
    leaving, staying = asyncio.create_task(turns.take(until)), asyncio.create_task(turns.take(until))
    await asyncio.sleep(0)
    leaving.cancel()
    turns.give_back()
    async with asyncio.timeout(5):
        await staying
        turns.give_back()
        await turns.take(until)
    assert leaving.cancelled()


async def test_a_place_that_was_given_to_one_who_leaves_is_given_on(until: float) -> None:
    """It is theirs before they know of it."""
    turns = Turns(1)
    await turns.take(until)
    leaving, staying = asyncio.create_task(turns.take(until)), asyncio.create_task(turns.take(until))
    await asyncio.sleep(0)
    turns.give_back()
    leaving.cancel()
    async with asyncio.timeout(5):
        await staying
    assert leaving.cancelled()
    assert not turns.take_at_once()
    turns.give_back()
    assert turns.take_at_once()


async def test_who_gave_up_takes_no_place(until: float) -> None:
    turns = Turns(1)
    await turns.take(until)
    with pytest.raises(AllConnectionsInUse):
        await turns.take(asyncio.get_running_loop().time() + 0.01)
    turns.give_back()
    assert turns.take_at_once()


async def test_all_whose_time_is_over_give_up_and_the_others_wait_on() -> None:
    """Whatever the order in which they came and end: another attempt is given less time than the first."""
    turns = Turns(1)
    now = asyncio.get_running_loop().time()
    await turns.take(now + 60)
    late, soon, sooner = (asyncio.create_task(turns.take(now + seconds)) for seconds in (60, 0.04, 0.02))
    async with asyncio.timeout(5):
        done, _ = await asyncio.wait({soon, sooner})
        assert [type(task.exception()) for task in done] == [AllConnectionsInUse] * 2
        turns.give_back()
        await late
    turns.give_back()
    assert turns.take_at_once()


async def test_who_leaves_at_the_last_moment_takes_no_place(until: float) -> None:
    """Its time is over, and it is cancelled before it knows of that."""
    turns = Turns(1)
    await turns.take(until)
    leaving = asyncio.create_task(turns.take(0))
    staying = asyncio.create_task(turns.take(until))
    # They begin to wait in the first turn of the loop. The timer rings in the second, behind what goes on in it.
    for _ in range(3):
        await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait({leaving})
    turns.give_back()
    async with asyncio.timeout(5):
        await staying
    assert not turns.take_at_once()
    turns.give_back()
    assert turns.take_at_once()
