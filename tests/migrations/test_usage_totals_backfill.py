"""Usage that is older than the totals is added once, wherever the migration stops and goes on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from migrations import runner
from tests.migrations.batches import PROGRESS, Stopped, kill_after, statements_of, stop_after
from tests.migrations.catalog import catalog
from tests.migrations.older_usage import (
    BEFORE,
    COMPLETE,
    COUNTING,
    DONE,
    OLDER,
    SUMMED,
    assert_exact_at_the_head,
)
from tests.migrations.rows import execute, select
from tests.migrations.usage import add_usage, assert_exact, connected

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine


async def test_older_usage_is_summed(url: URL, with_older_usage: AsyncEngine) -> None:
    await runner.upgrade(with_older_usage, report=print)
    await assert_exact_at_the_head(url)


@pytest.mark.usefixtures("with_older_usage")
async def test_progress_is_told_up_to_the_last_id(url: URL) -> None:
    messages: list[str] = []
    await runner.upgrade(url, report=messages.append)
    told = [re.findall(r"[\d,]+", message) for message in messages if "usage" in message and PROGRESS in message]
    assert told == [[str(done), str(OLDER)] for done in range(0, OLDER, 10)]


async def test_ids_far_apart_and_below_zero_take_no_more_batches(url: URL, with_older_usage: AsyncEngine) -> None:
    await execute(with_older_usage, "UPDATE usage_logs SET id = (id - 50) * 40000000")
    messages: list[str] = []
    await runner.upgrade(with_older_usage, report=messages.append)
    assert sum("usage" in message and PROGRESS in message for message in messages) == OLDER / 10
    await assert_exact_at_the_head(url)


@pytest.mark.parametrize("batches", [0, 1, 9])
async def test_a_stopped_migration_goes_on_where_it_was(url: URL, with_older_usage: AsyncEngine, batches: int) -> None:
    await runner.upgrade(with_older_usage, COUNTING, report=print)
    with pytest.raises(Stopped):
        await runner.upgrade(with_older_usage, report=stop_after(batches))
    ((done, boundary),) = await select(with_older_usage, DONE)
    assert (max(done, 0), boundary) == (batches * 10, OLDER)
    async with connected(url) as connection:
        assert await connection.fetchval("SELECT sum(requests) FROM usage_totals") == (batches * 10 or None)
        await connection.execute("DELETE FROM usage_logs WHERE id % 7 = 0")
        await add_usage(connection, count=3)

    await runner.upgrade(with_older_usage, report=print)
    await assert_exact_at_the_head(url)


async def test_a_killed_migration_goes_on_where_it_was(url: URL, with_older_usage: AsyncEngine) -> None:
    async with connected(url) as connection:
        await add_usage(connection, count=5000)
    await runner.upgrade(with_older_usage, COUNTING, report=print)
    await kill_after(url, 3)
    await kill_after(url, 2)
    ((done, boundary),) = await select(with_older_usage, DONE)
    assert 0 < done < boundary
    await runner.upgrade(with_older_usage, report=print)
    await assert_exact_at_the_head(url)


async def test_a_batch_that_fails_at_its_last_step_has_not_happened(url: URL, with_older_usage: AsyncEngine) -> None:
    await runner.upgrade(with_older_usage, COUNTING, report=print)
    await execute(
        with_older_usage,
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        "CREATE TRIGGER fail BEFORE UPDATE ON platform_config_backfill FOR EACH ROW WHEN (NEW.done = 30)"
        " EXECUTE FUNCTION fail()",
    )
    with pytest.raises(DBAPIError, match="no"):
        await runner.upgrade(with_older_usage, report=print)
    assert await select(with_older_usage, "SELECT sum(requests) FROM usage_totals") == [(20,)]
    await execute(with_older_usage, "DROP FUNCTION fail() CASCADE")
    await runner.upgrade(with_older_usage, report=print)
    await assert_exact_at_the_head(url)


async def test_a_step_back_and_forth_counts_nothing_twice(url: URL, with_older_usage: AsyncEngine) -> None:
    await runner.upgrade(with_older_usage, report=print)
    complete = await catalog(with_older_usage)
    for revision in (SUMMED, COUNTING):
        await runner.downgrade(with_older_usage, revision, report=print)
        async with connected(url) as connection:
            await assert_exact(connection)
            await add_usage(connection)
            await connection.execute("UPDATE usage_logs SET tokens_used = 3 WHERE id % 2 = 0")
        await runner.upgrade(with_older_usage, report=print)
        await assert_exact_at_the_head(url)
    assert await catalog(with_older_usage) == complete


async def test_the_written_sql_does_the_same(url: URL, with_older_usage: AsyncEngine) -> None:
    await runner.upgrade(with_older_usage, BEFORE, report=print)
    async with connected(url) as connection:
        for statement in statements_of(runner.upgrade_sql(BEFORE, COMPLETE)):
            await connection.execute(statement)
    await assert_exact_at_the_head(url)
