"""An adoption that meets others, or is stopped, leaves both services working and is taken up by the same command."""

from __future__ import annotations

import asyncio
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

import migrations
from migrations import operations, progress, runner
from migrations.errors import LockUnavailable, MisfitDatabase, RowsCameMeanwhile
from tests.migrations.catalog import catalog
from tests.migrations.earlier_service import (
    LEFT_BEHIND,
    WORK_OF_ITS_OWN,
    adopt,
    catalog_of_a_new_database,
    make,
)
from tests.migrations.rows import execute, select

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

DEFAULT_OF_MESSAGES = "ALTER TABLE messages ALTER created_at SET DEFAULT timezone('utc', now())"
ADOPT = (
    "import asyncio, sys; from migrations import runner;"
    " asyncio.run(runner.upgrade(sys.argv[1], report=print, consent=lambda: True))"
)


async def test_a_table_in_use_ends_the_adoption_and_the_same_command_goes_on(engine: AsyncEngine) -> None:
    await make(engine)
    async with engine.connect() as other:
        pid = await other.scalar(text("SELECT pg_backend_pid() FROM messages LIMIT 1"))
        with pytest.raises(LockUnavailable, match=f"The mends before it stay.*backend {pid} "):
            await adopt(engine)
    defaults = "SELECT count(*) FROM pg_attrdef WHERE pg_get_expr(adbin, adrelid) = 'timezone(''utc''::text, now())'"
    assert await select(engine, defaults) == [(3,)], "those of teams and of the keys"
    async with engine.connect() as connection:
        assert await runner.current_revision(connection) is None
    # Both services work in between.
    await execute(engine, *WORK_OF_ITS_OWN)

    await adopt(engine)

    assert await catalog(engine) == await catalog_of_a_new_database(engine)


@pytest.mark.parametrize(
    "left",
    [
        ("ALTER TABLE api_keys ADD CONSTRAINT {name} CHECK (created_at IS NOT NULL) NOT VALID",),
        ("ALTER TABLE api_keys ADD CONSTRAINT {name} CHECK (created_at IS NOT NULL)",),
        (
            "ALTER TABLE api_keys ADD CONSTRAINT {name} CHECK (created_at IS NOT NULL)",
            "ALTER TABLE api_keys ALTER created_at SET NOT NULL",
        ),
    ],
    ids=["added", "validated", "done but for the tidying up"],
)
async def test_a_column_whose_mending_was_interrupted_is_mended_to_the_end(
    engine: AsyncEngine, left: tuple[str, ...]
) -> None:
    name = "platform_config_not_null_api_keys_created_at"
    await make(engine, *(statement.format(name=name) for statement in left))
    await adopt(engine)
    assert await select(engine, LEFT_BEHIND) == []
    assert await catalog(engine) == await catalog_of_a_new_database(engine)


async def test_an_index_whose_building_was_interrupted_is_built_anew(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(engine, "DROP INDEX ix_messages_user_id", DEFAULT_OF_MESSAGES)
    with monkeypatch.context() as patched:
        patched.setattr(operations, "CONCURRENT_LOCK_TIMEOUT", "100ms")
        async with engine.connect() as other:
            await other.execute(text("UPDATE messages SET content = content"))
            with pytest.raises(LockUnavailable):
                await adopt(engine)
    assert await select(engine, LEFT_BEHIND) == [("ix_messages_user_id",)], "PostgreSQL leaves it behind"

    await adopt(engine)

    assert await catalog(engine) == await catalog_of_a_new_database(engine)


async def test_whoever_waits_for_a_long_step_is_told_that_it_goes_on(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_SIGNS", 0.01)
    await make(engine, "DROP INDEX ix_messages_user_id", DEFAULT_OF_MESSAGES)
    told = asyncio.Event()

    def report(line: str) -> None:
        if "Still at work after" in line and "build the index ix_messages_user_id on user_id" in line:
            told.set()

    async with engine.connect() as other:
        await other.execute(text("UPDATE messages SET content = content"))
        adoption = asyncio.create_task(runner.upgrade(engine, report=report, consent=lambda: True))
        await asyncio.wait_for(told.wait(), timeout=30)
    await asyncio.wait_for(adoption, timeout=60)


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("ALTER TABLE messages ALTER role DROP NOT NULL", "UPDATE messages SET role = NULL WHERE id = 1"),
        ("DROP INDEX ix_teams_display_name", "UPDATE teams SET display_name = 'Broken'"),
        (
            "ALTER TABLE messages DROP CONSTRAINT messages_team_id_fkey",
            (
                "INSERT INTO messages (team_id, platform, user_id, role, content, created_at)"
                " VALUES (99, '', '', '', '', '2024-01-01')"
            ),
        ),
    ],
    ids=["null", "duplicate", "orphan"],
)
async def test_a_row_that_comes_after_the_comparison_hinders_and_goes_on_to_be_listed(
    engine: AsyncEngine, change: str, row: str
) -> None:
    """The earlier service writes while the plan is read; it has to be able to go on doing so."""
    await make(engine, change)

    def read_slowly() -> bool:
        # The migrator's loop stands still while it asks.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(execute(engine, row))).result()
        return True

    with pytest.raises(RowsCameMeanwhile, match="Run the same command again"):
        await runner.upgrade(engine, report=print, consent=read_slowly)

    assert await select(engine, LEFT_BEHIND) == []
    await execute(engine, row.replace("id = 1", "id = 2"))
    with pytest.raises(MisfitDatabase, match=r"\([12]\): "):
        await adopt(engine)


async def start(url: URL) -> asyncio.subprocess.Process:
    """Adopt in a process of its own."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-c", ADOPT, url.render_as_string(hide_password=False)),
        cwd=Path(migrations.__file__).parent.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def line_with(process: asyncio.subprocess.Process, words: str) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while words not in (line := (await process.stdout.readline()).decode()):
            assert line, f"It ended without saying {words!r}."


async def test_an_adoption_that_was_killed_is_taken_up_where_it_was(url: URL, engine: AsyncEngine) -> None:
    await make(engine, "DROP INDEX ix_messages_user_id", DEFAULT_OF_MESSAGES)
    async with engine.connect() as other:
        # The index waits for this transaction, so that it cannot be there before the process is gone.
        await other.execute(text("UPDATE messages SET content = content"))
        process = await start(url)
        await line_with(process, "build the index ix_messages_user_id")
        process.send_signal(signal.SIGKILL)
        await process.wait()
        assert await select(engine, "SELECT to_regclass('platform_config_alembic_version')::text") == [(None,)]
    await execute(engine, *WORK_OF_ITS_OWN)

    await adopt(engine)

    assert await select(engine, LEFT_BEHIND) == []
    assert await catalog(engine) == await catalog_of_a_new_database(engine)
