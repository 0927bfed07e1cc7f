"""Beside us, in the same database, an earlier service keeps its tables and its own version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

import migrations
from migrations import runner
from migrations.errors import UnmanagedDatabase
from tests.migrations.catalog import catalog, tables
from tests.migrations.rows import execute, select

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncEngine

EARLIER_VERSION = (
    "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
    "INSERT INTO alembic_version VALUES ('71521c6321dc')",
)


@pytest.mark.parametrize("consent", [None, lambda: True], ids=["unasked", "with consent"])
@pytest.mark.parametrize("table", ["teams", "api_keys", "usage_logs", "messages", "chat_sessions", "team_revisions"])
async def test_a_table_of_unknown_origin_stops_the_upgrade(
    engine: AsyncEngine, table: str, consent: Callable[[], bool] | None
) -> None:
    await execute(engine, f"CREATE TABLE {table} (id integer PRIMARY KEY, odd text)", *EARLIER_VERSION)
    before = await catalog(engine)

    with pytest.raises(UnmanagedDatabase, match=rf"(?s)\b{table}\b.*Nothing was changed"):
        await runner.upgrade(engine, report=print, consent=consent)

    assert await catalog(engine) == before
    assert await tables(engine) == {table, "alembic_version"}, "not even our version table is there"


async def test_an_empty_version_table_of_ours_vouches_for_nothing(engine: AsyncEngine) -> None:
    await runner.upgrade(engine, runner.EXISTING_SCHEMA, report=print)
    await execute(engine, "DELETE FROM platform_config_alembic_version")
    with pytest.raises(UnmanagedDatabase, match="api_keys, messages, teams, usage_logs"):
        await runner.upgrade(engine, report=print)


async def test_without_tables_the_version_of_the_earlier_service_neither_matters_nor_changes(
    engine: AsyncEngine,
) -> None:
    await execute(
        engine,
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
        "INSERT INTO alembic_version VALUES ('a revision of its own')",
    )

    await runner.upgrade(engine, report=print)
    await runner.downgrade(engine, runner.EXISTING_SCHEMA, report=print)

    assert await select(engine, "SELECT version_num FROM alembic_version") == [("a revision of its own",)]
    assert await select(engine, "SELECT version_num FROM platform_config_alembic_version") == [
        (runner.EXISTING_SCHEMA,)
    ]


async def test_other_tables_are_no_obstacle_and_stay(engine: AsyncEngine) -> None:
    await execute(engine, "CREATE TABLE somebody_elses (id integer)", "INSERT INTO somebody_elses VALUES (1)")
    await runner.upgrade(engine, report=print)
    assert await select(engine, "SELECT id FROM somebody_elses") == [(1,)]


def test_alembics_own_command_line_cannot_pass_by_the_checks() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with pytest.raises(CommandError, match="python -m graphql_api migrate"):
        command.upgrade(config, "head")
