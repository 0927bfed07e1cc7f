"""Usage that is older than the totals is added once, whoever writes while that is done."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from migrations import runner
from tests.migrations.batches import between_batches
from tests.migrations.older_usage import (
    BEFORE,
    COUNTING,
    DONE,
    OLDER,
    SUMMED,
    assert_exact_at_the_head,
)
from tests.migrations.rows import execute, select
from tests.migrations.usage import add_usage, connected

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


async def test_changes_between_the_batches_are_counted_once(url: URL, with_older_usage: AsyncEngine) -> None:
    inserted = "INSERT INTO usage_logs (id, team_id, api_key_id, session_id, platform) VALUES"
    statements = (
        "UPDATE usage_logs SET request_count = 7 WHERE id IN (5, 15, 95)",
        "DELETE FROM usage_logs WHERE id IN (6, 16, 96)",
        f"{inserted} (6, 1, 1, 's', 'one'), (16, 2, 2, 's', 'two'), (1000, 1, 1, 's', 'one')",
        "UPDATE usage_logs SET team_id = 2, tokens_used = 1, success = false WHERE id IN (5, 15, 95, 1000)",
        "UPDATE usage_logs SET id = id + 2000 WHERE id IN (7, 97)",
        "UPDATE usage_logs SET id = id - 2000 WHERE id = 2097",
        "DELETE FROM usage_logs WHERE id IN (5, 6, 95)",
        "UPDATE usage_logs SET timestamp = timestamp + interval '1 day'",
        "DELETE FROM usage_logs WHERE id > 92",
    )
    await runner.upgrade(with_older_usage, COUNTING, report=print)
    await runner.upgrade(with_older_usage, report=between_batches(url, statements))
    await assert_exact_at_the_head(url)


async def test_a_truncation_in_the_middle_leaves_nothing_to_sum(url: URL, with_older_usage: AsyncEngine) -> None:
    statements = (
        "DELETE FROM usage_logs WHERE id = 55",
        "TRUNCATE usage_logs RESTART IDENTITY",
        *["INSERT INTO usage_logs (team_id, api_key_id, session_id, platform) VALUES (1, 1, 's', 'one')"] * 3,
    )
    await runner.upgrade(with_older_usage, COUNTING, report=print)
    await runner.upgrade(with_older_usage, SUMMED, report=between_batches(url, statements))
    await execute(with_older_usage, statements[-1])
    await runner.upgrade(with_older_usage, report=print)
    await assert_exact_at_the_head(url)


@pytest.mark.parametrize("isolation", ["read_committed", "repeatable_read"])
async def test_a_transaction_that_is_open_all_the_while_is_counted_once(
    url: URL, with_older_usage: AsyncEngine, isolation: str
) -> None:
    """Its changes are seen by no batch, and it sees none of the batches."""
    await runner.upgrade(with_older_usage, COUNTING, report=print)
    async with connected(url) as connection, connection.transaction(isolation=isolation):
        await connection.execute("UPDATE usage_logs SET request_count = 3 WHERE id % 4 = 0")
        await runner.upgrade(with_older_usage, SUMMED, report=print)
        await connection.execute("DELETE FROM usage_logs WHERE id % 8 = 0")
        await connection.execute("UPDATE usage_logs SET request_count = 5 WHERE id % 3 = 0")
        await add_usage(connection)
        await add_usage(connection, id="-1")
    await runner.upgrade(with_older_usage, report=print)
    await assert_exact_at_the_head(url)


@pytest.mark.parametrize("reached", [COUNTING, SUMMED])
async def test_a_snapshot_from_before_the_totals_is_counted_too(
    url: URL, with_older_usage: AsyncEngine, reached: str
) -> None:
    await runner.upgrade(with_older_usage, BEFORE, report=print)
    async with connected(url) as connection, connection.transaction(isolation="repeatable_read"):
        await connection.fetch("SELECT FROM teams")
        await runner.upgrade(with_older_usage, reached, report=print)
        await connection.execute("UPDATE usage_logs SET request_count = 3 WHERE id % 4 = 0")
        await connection.execute("DELETE FROM usage_logs WHERE id % 5 = 0")
        await add_usage(connection)
    await runner.upgrade(with_older_usage, report=print)
    await assert_exact_at_the_head(url)


@pytest.mark.parametrize("default", ["read committed", "serializable"])
async def test_a_log_written_while_the_triggers_wait_for_their_table_is_older_usage(
    url: URL, with_older_usage: AsyncEngine, default: str
) -> None:
    await runner.upgrade(with_older_usage, BEFORE, report=print)
    await execute(with_older_usage, f"ALTER DATABASE {url.database} SET default_transaction_isolation = '{default}'")
    async with connected(url) as connection, connected(url) as observer:
        async with connection.transaction():
            await add_usage(connection, count=3)
            migrator = asyncio.create_task(runner.upgrade(with_older_usage, COUNTING, report=print))
            while not await observer.fetchval(WAITING):
                assert not migrator.done(), "it waits for the writer"
        await migrator
    ((_, boundary),) = await select(with_older_usage, DONE)
    assert boundary == OLDER + 3
    await runner.upgrade(with_older_usage, report=print)
    await assert_exact_at_the_head(url)


async def test_programs_that_never_pause_are_counted_exactly(url: URL, with_older_usage: AsyncEngine) -> None:
    """Several change older and newer logs while the batches run, and while the function is replaced."""
    await runner.upgrade(with_older_usage, BEFORE, report=print)
    done = asyncio.Event()

    async def write(number: int) -> int:
        chance = random.Random(number)  # noqa: S311 - for a test
        written = 0
        async with connected(url) as connection:
            while not done.is_set():
                async with connection.transaction():
                    await add_usage(connection, count=2)
                    # Each has logs of its own: waiting for one another's rows is not what this is about.
                    own = f"id % 4 = {number} AND id % 10 = {chance.randrange(10)}"
                    await connection.execute(f"UPDATE usage_logs SET request_count = request_count + 1 WHERE {own}")  # noqa: S608 - numbers
                    if chance.random() < 0.2:
                        await connection.execute(f"DELETE FROM usage_logs WHERE {own} AND id > {OLDER // 2}")  # noqa: S608 - numbers
                written += 1
        return written

    writers = [asyncio.create_task(write(number)) for number in range(4)]
    try:
        await runner.upgrade(with_older_usage, report=print)
        # Back to where older logs are to be summed, and there again.
        await runner.downgrade(with_older_usage, BEFORE, report=print)
        await runner.upgrade(with_older_usage, report=print)
    finally:
        done.set()
        written = await asyncio.gather(*writers)

    assert all(written), "all were at work"
    await assert_exact_at_the_head(url)
