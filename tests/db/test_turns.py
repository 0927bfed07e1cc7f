"""Connections are had in the order of coming, however many come at the moment that one is free."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from db.errors import AllConnectionsInUse
from db.turns import Turns

if TYPE_CHECKING:
    from db.database import Database

WAITING = 5


async def test_nobody_overtakes_those_who_wait(opened: Database) -> None:
    """Otherwise some of many callers wait until their time is over, while others are served as they come."""
    served: list[str] = []

    async def work(name: str) -> None:
        async with opened.read() as session:
            served.append(name)
            await session.execute(text("SELECT 1"))

    async with opened.read(), opened.read():
        waiting = [asyncio.create_task(work(f"waiting {number}")) for number in range(WAITING)]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting, *(work(f"new {number}") for number in range(WAITING)))
    assert served[:WAITING] == [f"waiting {number}" for number in range(WAITING)]


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


async def test_who_gave_up_takes_no_place() -> None:
    turns = Turns(1, 0.01)
    async with turns:
        with pytest.raises(AllConnectionsInUse):
            await turns.__aenter__()
    async with turns:
        pass
