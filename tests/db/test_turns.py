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


async def test_the_place_of_one_who_leaves_is_given_to_the_next() -> None:
    turns = Turns(1, 60)

    async def work() -> None:
        async with turns:
            pass

    async with turns:
        leaving, staying = asyncio.create_task(work()), asyncio.create_task(work())
        await asyncio.sleep(0)
        leaving.cancel()
    async with asyncio.timeout(5):
        await staying
        await work()
    assert leaving.cancelled()


async def test_a_place_that_was_given_to_one_who_leaves_is_given_on() -> None:
    """It is theirs before they know of it."""
    turns = Turns(1, 60)
    await turns.take()
    leaving, staying = asyncio.create_task(turns.take()), asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    turns.give_back()
    leaving.cancel()
    async with asyncio.timeout(5):
        await staying
    assert leaving.cancelled()
    assert not turns.take_at_once()
    turns.give_back()
    assert turns.take_at_once()


async def test_who_gave_up_takes_no_place() -> None:
    turns = Turns(1, 0.01)
    async with turns:
        with pytest.raises(AllConnectionsInUse):
            await turns.__aenter__()
    async with turns:
        pass
