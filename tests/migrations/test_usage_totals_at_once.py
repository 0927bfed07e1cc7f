"""Who writes usage logs waits for nobody else's totals, and fails because of nobody's."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from migrations.usage_counting import SLOT_LOCKS, SLOTS
from tests.conftest import run_sql
from tests.migrations.usage import OWNERS, add_usage, assert_exact, connected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.migrations.usage import Connection

WRITERS = 20
DAYS = ("'2026-01-01'", "'2026-01-02'", "'2026-01-03'")


@pytest.fixture
def owned_database(migrated_database: str) -> str:
    """The address of a database with teams and keys."""
    run_sql(migrated_database, *OWNERS)
    return migrated_database


@pytest.fixture
async def writers(owned_database: str) -> AsyncIterator[list[Connection]]:
    """Connections that fail where they have to wait."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(connected(owned_database, lock_timeout="250ms")) for _ in range(WRITERS)]


@pytest.mark.parametrize("isolation", ["read_committed", "repeatable_read", "serializable"])
async def test_open_transactions_hold_up_none_that_writes_the_same(writers: list[Connection], isolation: str) -> None:
    """All have written the first total before any commits, and go on to the others' totals in opposite orders."""
    transactions = [writer.transaction(isolation=isolation) for writer in writers]
    for transaction, writer in zip(transactions, writers, strict=True):
        await transaction.start()
        await add_usage(writer, timestamp=DAYS[0])
    for place, writer in enumerate(writers):
        for day in DAYS if place % 2 else reversed(DAYS):
            await add_usage(writer, timestamp=day, request_count=str(place))
    for transaction in transactions:
        await transaction.commit()

    async with writers[0].transaction():
        assert await writers[0].fetchval("SELECT sum(requests) FROM usage_totals") == WRITERS + 3 * sum(range(WRITERS))
    await assert_exact(writers[0])


async def test_every_request_is_counted_that_all_write_at_the_same_time(writers: list[Connection]) -> None:
    async def write(place: int, writer: Connection) -> None:
        for number in range(30):
            transaction = writer.transaction(isolation="repeatable_read" if place % 4 == 0 else "read_committed")
            await transaction.start()
            for day in DAYS if place % 2 else reversed(DAYS):
                await add_usage(writer, timestamp=day)
            if number % 5 == 0:
                await transaction.rollback()
            else:
                await transaction.commit()

    await asyncio.gather(*(write(place, writer) for place, writer in enumerate(writers)))

    assert await writers[0].fetchval("SELECT sum(requests) FROM usage_totals") == WRITERS * 24 * len(DAYS)
    await assert_exact(writers[0])


async def test_a_snapshot_that_is_older_than_others_totals_is_no_obstacle(writers: list[Connection]) -> None:
    first, second, *_ = writers
    async with first.transaction(isolation="repeatable_read"):
        await first.fetch("SELECT FROM usage_totals")
        await add_usage(second)
        await add_usage(first)
    await assert_exact(first)


async def test_more_writers_than_slots_are_counted_too(owned_database: str, writers: list[Connection]) -> None:
    async with connected(owned_database) as holder:
        await holder.execute(
            "SELECT pg_advisory_lock($1, slot) FROM generate_series(0, $2 - 1) AS slot", SLOT_LOCKS, SLOTS
        )
        transactions = [writer.transaction() for writer in writers]
        for transaction, writer in zip(transactions, writers, strict=True):
            await transaction.start()
            await add_usage(writer)
        for transaction in transactions:
            await transaction.commit()
        assert await holder.fetchval("SELECT count(*) FROM usage_totals WHERE slot >= $1", SLOTS) == WRITERS
        await assert_exact(holder)


async def test_one_writer_at_a_time_needs_one_slot(writers: list[Connection]) -> None:
    """What is read for a quota grows with the writers at the same time, not with those there ever were."""
    for writer in writers:
        await add_usage(writer)
    assert await writers[0].fetchval("SELECT count(*) FROM usage_totals") == 1
