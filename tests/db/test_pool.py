"""Entries of the pool that are lent without a proxy are counted, aged and replaced as SQLAlchemy's own are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import text

from db.errors import ConnectionLost

if TYPE_CHECKING:
    from db.database import Database
    from db.pool import ConnectionPool

WHENEVER = math.inf
"""Until when a connection is waited for."""


@pytest.fixture
def pool(opened: Database) -> ConnectionPool:
    """Two connections at most."""
    return cast("ConnectionPool", opened.engine.pool)


async def test_what_is_lent_is_counted(opened: Database, pool: ConnectionPool) -> None:
    assert pool.borrow_at_once() is None, "there is none yet"
    entry = await pool.borrow(WHENEVER)
    async with opened.engine.connect() as connection:
        assert pool.checkedout() == 2
        await connection.execute(text("SELECT 1"))
    assert pool.checkedout() == 1
    pool.give_back(entry)
    assert pool.checkedout() == 0
    assert pool.borrow_at_once() is entry, "the last that was given back is the next"
    pool.give_back(entry)


async def test_both_ways_give_the_same_connections(opened: Database, pool: ConnectionPool) -> None:
    entry = await pool.borrow(WHENEVER)
    pool.give_back(entry)
    async with opened.engine.connect() as connection:
        assert (await connection.get_raw_connection()).driver_connection is entry.driver_connection


async def test_those_as_old_as_one_that_ended_are_not_lent(pool: ConnectionPool) -> None:
    """PostgreSQL that restarts ends all, and those who come next would each meet another."""
    ended, idle = await pool.borrow(WHENEVER), await pool.borrow(WHENEVER)
    old = idle.driver_connection
    pool.give_back(idle)
    await pool.replace(ended, ConnectionLost())
    assert pool.borrow_at_once() is None
    assert (await pool.borrow(WHENEVER)).driver_connection is not old
    pool.give_back(ended)
    pool.give_back(idle)


async def test_those_made_since_another_ended_stay(pool: ConnectionPool) -> None:
    """All who wait when PostgreSQL restarts are told one after the other; the first may be served again by then."""
    first, second = await pool.borrow(WHENEVER), await pool.borrow(WHENEVER)
    await pool.replace(first, ConnectionLost())
    pool.give_back(first)
    new = await pool.borrow(WHENEVER)
    connection = new.driver_connection
    await pool.replace(second, ConnectionLost())
    pool.give_back(second)
    pool.give_back(new)
    again = pool.borrow_at_once()
    assert again is not None
    assert again.driver_connection is connection
    pool.give_back(again)
