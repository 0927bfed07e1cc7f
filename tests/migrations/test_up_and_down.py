"""The line of revisions can be walked both ways, and the rows that were there before us stay."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import migrations
from migrations import runner
from migrations.errors import ExistingTablesAtStake, UnknownRevision
from tests.migrations.catalog import catalog, tables
from tests.migrations.rows import EXISTING_ROWS, TABLES, all_rows, columns_of, execute, select

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

# The first revision makes the tables that are described there, and never otherwise.
EARLIER_SCHEMA = {"migrations.earlier_schema", "sqlalchemy.schema"}
VERSIONS = sorted(Path(migrations.__file__).parent.glob("versions/*.py"))


async def test_an_empty_database_comes_to_the_head_by_its_address(url: URL, engine: AsyncEngine) -> None:
    messages: list[str] = []

    await runner.upgrade(url.render_as_string(hide_password=False), report=messages.append)

    async with engine.connect() as connection:
        assert await runner.current_revision(connection) == runner.head_revision()
    assert {*TABLES, "chat_sessions", "team_revisions"} < await tables(engine)
    assert len(messages) == len(VERSIONS) + 1, "the way is announced, and each step when it is done"


async def test_an_upgrade_of_a_current_database_does_nothing(existing: AsyncEngine) -> None:
    before = await catalog(existing)
    messages: list[str] = []

    await runner.upgrade(existing, runner.EXISTING_SCHEMA, report=messages.append)

    assert await catalog(existing) == before
    assert len(messages) == 1
    assert "nothing to do" in messages[0]


async def test_an_empty_database_has_no_revision(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await runner.current_revision(connection) is None


async def test_no_row_is_lost_on_the_way_up_down_and_up(existing: AsyncEngine) -> None:
    await execute(existing, *EXISTING_ROWS)
    columns = {table: await columns_of(existing, table) for table in TABLES}
    before = await all_rows(existing, columns)
    assert all(before.values())

    await runner.upgrade(existing, report=print)
    assert await all_rows(existing, columns) == before
    sessions = await select(existing, "SELECT session_id, created_at FROM chat_sessions ORDER BY session_id")

    await runner.downgrade(existing, runner.EXISTING_SCHEMA, report=print)
    assert {table: await columns_of(existing, table) for table in TABLES} == columns
    assert await all_rows(existing, columns) == before

    await runner.upgrade(existing, report=print)
    assert await all_rows(existing, columns) == before
    assert await select(existing, "SELECT session_id, created_at FROM chat_sessions ORDER BY session_id") == sessions


async def test_each_downgrade_removes_exactly_what_its_upgrade_added(existing: AsyncEngine) -> None:
    seen = [await catalog(existing)]
    ours = runner.revisions()[1:]
    for revision in ours:
        await runner.upgrade(existing, revision, report=print)
        seen.append(await catalog(existing))
    for revision in reversed(runner.revisions()[:-1]):
        seen.pop()
        await runner.downgrade(existing, revision, report=print)
        assert await catalog(existing) == seen[-1], f"after the downgrade to {revision}"
    assert await tables(existing) == {*TABLES, "platform_config_alembic_version"}


async def test_the_tables_of_the_earlier_service_are_not_dropped(existing: AsyncEngine) -> None:
    await runner.upgrade(existing, report=print)
    before = await catalog(existing)

    with pytest.raises(ExistingTablesAtStake, match="earlier service owns"):
        await runner.downgrade(existing, "base", report=print)

    assert await catalog(existing) == before, "not one of the steps was begun"


@pytest.mark.parametrize("revision", ["0123456789ab", "", "-1", "heads", "71521c"])
async def test_a_revision_that_does_not_exist_is_refused(engine: AsyncEngine, revision: str) -> None:
    with pytest.raises(UnknownRevision, match=runner.EXISTING_SCHEMA):
        await runner.upgrade(engine, revision, report=print)
    with pytest.raises(UnknownRevision, match=runner.EXISTING_SCHEMA):
        await runner.downgrade(engine, revision, report=print)
    assert await tables(engine) == set()


async def test_a_database_of_a_later_release_is_left_alone(existing: AsyncEngine) -> None:
    await execute(existing, "UPDATE platform_config_alembic_version SET version_num = 'fffffffffff0'")
    assert not runner.is_known("fffffffffff0")
    before = await catalog(existing)

    with pytest.raises(UnknownRevision, match="later release"):
        await runner.upgrade(existing, report=print)
    with pytest.raises(UnknownRevision, match="later release"):
        await runner.downgrade(existing, runner.EXISTING_SCHEMA, report=print)

    assert await catalog(existing) == before


def test_the_line_begins_with_the_existing_schema_and_has_one_end() -> None:
    assert runner.revisions()[0] == runner.EXISTING_SCHEMA
    assert runner.revisions()[-1] == runner.head_revision()
    assert all(runner.is_known(revision) for revision in runner.revisions())
    assert len(runner.revisions()) == len(VERSIONS)


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_revision_is_frozen(path: Path) -> None:
    """A revision that imported a model would do something else after the model's next change."""
    stable = {"migrations.operations", "migrations.backfill", "migrations.usage_counting"}
    allowed = {"__future__", "alembic", "sqlalchemy", "sqlalchemy.dialects"} | stable
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "migrations":
            imported |= {f"migrations.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    assert imported - EARLIER_SCHEMA <= allowed
