"""Migrators queue up, and none of them makes those who use the tables wait for long."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

import migrations
from migrations import operations, runner
from migrations.errors import LockUnavailable
from migrations.locking import MIGRATION_LOCK
from tests.migrations.catalog import catalog
from tests.migrations.rows import EXISTING_ROWS, execute, select

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

TEAM_CONSTRAINTS = "6e400597f7f1"
BEFORE_MESSAGE_INDEXES = "864ed3d2e38e"
MIGRATE = "import asyncio, sys; from migrations import runner; asyncio.run(runner.upgrade(sys.argv[1], report=print))"
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"


async def revision_of(engine: AsyncEngine) -> str | None:
    async with engine.connect() as connection:
        return await runner.current_revision(connection)


async def start_replica(url: URL) -> asyncio.subprocess.Process:
    """Migrate in a process of its own."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-c", MIGRATE, url.render_as_string(hide_password=False)),
        cwd=Path(migrations.__file__).parent.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def first_line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode()


async def test_replicas_that_start_together_migrate_once(url: URL, existing: AsyncEngine) -> None:
    await execute(existing, *EXISTING_ROWS)
    # Neither may begin before the other is there, else they would not compete.
    async with existing.connect() as gate:
        await gate.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        await gate.rollback()
        replicas = await asyncio.gather(start_replica(url), start_replica(url))
        assert all("waiting" in line for line in await asyncio.gather(*map(first_line, replicas)))
    outputs = [output.decode() for output, _ in await asyncio.gather(*(replica.communicate() for replica in replicas))]

    assert [replica.returncode for replica in replicas] == [0, 0], outputs
    assert sum("Applied" in output for output in outputs) == 1, outputs
    assert await revision_of(existing) == runner.head_revision()


async def test_a_second_migrator_says_that_it_waits_and_goes_on_afterwards(existing: AsyncEngine) -> None:
    waits = asyncio.Event()
    messages: list[str] = []

    def report(message: str) -> None:
        messages.append(message)
        waits.set()

    async with existing.connect() as other:
        pid = await other.scalar(text("SELECT pg_backend_pid()"))
        await other.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        migrator = asyncio.create_task(runner.upgrade(existing, report=report))
        await asyncio.wait_for(waits.wait(), timeout=30)
        assert await revision_of(existing) == runner.EXISTING_SCHEMA
        await other.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
    await asyncio.wait_for(migrator, timeout=30)

    assert str(pid) in messages[0]
    assert "waiting" in messages[0]
    assert sum("waiting" in message for message in messages) == 1
    assert await revision_of(existing) == runner.head_revision()


async def test_a_waiting_migrator_is_in_no_transaction(existing: AsyncEngine) -> None:
    """The other's concurrent index waits for every transaction; were one open here, each would wait for the other."""
    waits = asyncio.Event()
    async with existing.connect() as other:
        await other.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        await other.rollback()
        migrator = asyncio.create_task(runner.upgrade(existing, report=lambda _: waits.set()))
        await asyncio.wait_for(waits.wait(), timeout=30)
        await other.execution_options(isolation_level="AUTOCOMMIT")
        async with asyncio.timeout(30):
            await other.execute(text("CREATE INDEX CONCURRENTLY somebody_elses ON messages (role)"))
        await other.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
    await asyncio.wait_for(migrator, timeout=30)


async def test_a_table_in_use_ends_the_upgrade_and_leaves_nothing_half_done(existing: AsyncEngine) -> None:
    await execute(existing, *EXISTING_ROWS)
    before = await catalog(existing)
    async with existing.connect() as other:
        pid = await other.scalar(text("SELECT pg_backend_pid() FROM teams LIMIT 1"))

        async with asyncio.timeout(10):
            with pytest.raises(LockUnavailable, match=r"Run the migration again") as error:
                await runner.upgrade(existing, report=print)

        assert f"backend {pid}" in str(error.value)
        assert f"revision {runner.EXISTING_SCHEMA}" in str(error.value)
    assert await revision_of(existing) == runner.EXISTING_SCHEMA
    assert await catalog(existing) == before

    await runner.upgrade(existing, report=print)
    assert await revision_of(existing) == runner.head_revision()


async def test_the_steps_before_the_one_that_failed_stay(existing: AsyncEngine) -> None:
    async with existing.connect() as other:
        await other.execute(text("LOCK TABLE api_keys IN ROW EXCLUSIVE MODE"))
        with pytest.raises(LockUnavailable, match=TEAM_CONSTRAINTS):
            await runner.upgrade(existing, report=print)
    assert await revision_of(existing) == TEAM_CONSTRAINTS

    await runner.upgrade(existing, report=print)
    assert await revision_of(existing) == runner.head_revision()


async def test_a_downgrade_that_meets_a_table_in_use_says_so_too(existing: AsyncEngine) -> None:
    await runner.upgrade(existing, TEAM_CONSTRAINTS, report=print)
    before = await catalog(existing)
    async with existing.connect() as other:
        await other.execute(text("SELECT 1 FROM teams"))
        with pytest.raises(LockUnavailable, match=TEAM_CONSTRAINTS):
            await runner.downgrade(existing, runner.EXISTING_SCHEMA, report=print)
    assert await catalog(existing) == before


@pytest.mark.parametrize("index", ["ix_messages_session", "ix_messages_context"])
async def test_an_index_whose_building_was_interrupted_is_built_anew(
    existing: AsyncEngine, monkeypatch: pytest.MonkeyPatch, index: str
) -> None:
    await execute(existing, *EXISTING_ROWS)
    await runner.upgrade(existing, BEFORE_MESSAGE_INDEXES, report=print)
    if index == "ix_messages_context":
        revisions = runner.revisions()
        await runner.upgrade(existing, revisions[revisions.index(BEFORE_MESSAGE_INDEXES) + 1], report=print)
    with monkeypatch.context() as patched:
        patched.setattr(operations, "CONCURRENT_LOCK_TIMEOUT", "100ms")
        async with existing.connect() as other:
            await other.execute(text("UPDATE messages SET content = content"))
            with pytest.raises(LockUnavailable):
                await runner.upgrade(existing, report=print)
    assert await select(existing, INVALID) == [(index,)], "PostgreSQL leaves it behind"

    await runner.upgrade(existing, report=print)

    assert await select(existing, INVALID) == []
    assert any(f"INDEX {index} ON" in line for line in await catalog(existing))


async def test_a_pool_gets_no_session_back_that_has_migrated(url: URL, existing: AsyncEngine) -> None:
    pooled = create_async_engine(url, pool_size=1, max_overflow=0)
    fresh = await select(existing, "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")

    await runner.upgrade(pooled, report=print)

    settings = await select(pooled, "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
    assert settings == fresh
    await pooled.dispose()


async def test_a_migrator_that_is_stopped_leaves_whole_steps_behind(existing: AsyncEngine) -> None:
    def stop(message: str) -> None:
        if TEAM_CONSTRAINTS in message and "Applied" in message:
            migrator.cancel()

    migrator = asyncio.create_task(runner.upgrade(existing, report=stop))
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(migrator, timeout=30)
    reached = await revision_of(existing)
    assert reached in runner.revisions()[2:5], "about where it was stopped"
    found = await catalog(existing)

    await runner.downgrade(existing, runner.EXISTING_SCHEMA, report=print)
    await runner.upgrade(existing, reached or "", report=print)
    assert await catalog(existing) == found, "the revision says exactly what is there"


async def test_the_lock_is_free_as_soon_as_a_migrator_is_done_or_has_failed(existing: AsyncEngine) -> None:
    free = "SELECT pg_try_advisory_xact_lock(:key)"
    async with existing.connect() as other:
        await other.execute(text("SELECT 1 FROM teams"))
        with pytest.raises(LockUnavailable):
            await runner.upgrade(existing, report=print)
        assert await other.scalar(text(free), {"key": MIGRATION_LOCK}), "after a failure"
        await other.rollback()
        await runner.upgrade(existing, report=print)
        assert await other.scalar(text(free), {"key": MIGRATION_LOCK}), "after success"


async def test_every_change_of_the_schema_runs_under_the_time_outs(url: URL, existing: AsyncEngine) -> None:
    """A limit that requests are given must not cut off a migration; that for locks has to hold for each statement."""
    await execute(
        existing,
        f"ALTER DATABASE {url.database} SET statement_timeout = '5s'",
        """
        CREATE FUNCTION demand_limits() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            IF current_setting('statement_timeout') <> '0' OR NOT (current_setting('lock_timeout') = '3s'
                OR (tg_tag LIKE '% INDEX' AND current_setting('lock_timeout') = '1min'))
            THEN RAISE EXCEPTION '% has no limits', tg_tag; END IF;
        END $$
        """,
        "CREATE EVENT TRIGGER demand_limits ON ddl_command_start EXECUTE FUNCTION demand_limits()",
    )
    with pytest.raises(DBAPIError, match="CREATE TABLE has no limits"):
        await execute(existing, "CREATE TABLE other (id integer)")

    await runner.upgrade(existing, report=print)
    await runner.downgrade(existing, runner.EXISTING_SCHEMA, report=print)
