"""A database that the earlier service made is taken over, and both services work in it from then on."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from hashlib import md5
from typing import TYPE_CHECKING

import pytest

from migrations import runner
from migrations.comparison import differences
from migrations.errors import AdoptionDeclined, UnmanagedDatabase
from tests.migrations.catalog import catalog, tables
from tests.migrations.earlier_service import (
    DESCRIBED,
    LATER,
    TABLES_OF_ITS_MAKING,
    WORK_OF_ITS_OWN,
    catalog_of_a_new_database,
    everything,
    its_columns,
    its_rows,
    make,
)
from tests.migrations.rows import TABLES, execute, select

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

FURTHER_COLUMNS = (
    "ALTER TABLE teams ADD COLUMN webhook_url varchar(500)",
    "ALTER TABLE teams ADD COLUMN theme text NOT NULL DEFAULT 'dark'",
    "ALTER TABLE messages ADD COLUMN number bigint NOT NULL GENERATED ALWAYS AS IDENTITY",
    'ALTER TABLE usage_logs ADD COLUMN "Odd name" boolean',
)


async def adopt(engine: AsyncEngine) -> str:
    """Adopt, and give all that was reported, with the question."""
    said: list[str] = []

    def answer() -> bool:
        said.append("(asked)")
        return True

    await runner.upgrade(engine, report=said.append, consent=answer)
    return "\n".join(said)


async def test_every_row_and_column_is_there_afterwards(engine: AsyncEngine) -> None:
    await make(engine, *FURTHER_COLUMNS)
    columns = await its_columns(engine)
    quoted = {table: [f'"{name}"' for name in names] for table, names in columns.items()}
    before = await its_rows(engine, quoted)
    assert all(before.values())

    await adopt(engine)

    assert await its_rows(engine, quoted) == before
    found = await its_columns(engine)
    assert {table: names[: len(columns[table])] for table, names in found.items()} == columns
    async with engine.connect() as connection:
        assert await runner.current_revision(connection) == runner.head_revision()


@pytest.mark.parametrize("version", [LATER, DESCRIBED, "anything at all"])
async def test_what_it_becomes_is_what_an_empty_database_becomes(engine: AsyncEngine, version: str) -> None:
    await make(engine, version=version)
    await adopt(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    assert await catalog(engine) == await catalog_of_a_new_database(engine)


async def test_sessions_appear_for_every_conversation(engine: AsyncEngine) -> None:
    await make(engine)
    await adopt(engine)
    assert await select(
        engine, "SELECT platform, team_id, user_id FROM chat_sessions ORDER BY platform, user_id, team_id"
    ) == [("Internal-Marketing", 5, "anna"), ("telegram", 1, ""), ("telegram", None, "anna"), ("Телеграм", 3, "ü")]


async def test_the_plan_says_what_is_there_and_what_will_happen_before_anything_does(engine: AsyncEngine) -> None:
    await make(engine, *FURTHER_COLUMNS)
    before = await everything(engine)
    plan: list[str] = []

    with pytest.raises(AdoptionDeclined, match=r"^Nothing was changed\.$"):
        await runner.upgrade(engine, report=plan.append, consent=lambda: False)

    assert await everything(engine) == before
    told = "\n".join(plan)
    for line in (
        f"is at revision {LATER} by its alembic_version",
        "  teams: 10 columns, about 5 rows",
        "  usage_logs: 14 columns, about 2 rows",
        "    column webhook_url is kept and not used",
        "    column Odd name is kept and not used",
        "    give created_at the default timezone('utc', now()) in place of now()",
        "    require a value in created_at, after a look at all rows",
        "No row, column or table of the earlier service is removed, and its alembic_version stays as it is.",
    ):
        assert line in told
    assert [revision for revision in runner.revisions()[1:] if f"  {revision} (" not in told] == []


async def test_the_plan_is_asked_about_outside_of_any_transaction(engine: AsyncEngine) -> None:
    """Whoever is asked may go to lunch; a transaction left open would hold up every vacuum and index build."""
    await make(engine)
    states: list[tuple[str, ...]] = []

    def ask_meanwhile() -> bool:
        states.extend(_states_of_others(engine))
        return False

    with pytest.raises(AdoptionDeclined):
        await runner.upgrade(engine, report=print, consent=ask_meanwhile)
    assert states == [("idle",)]


def _states_of_others(engine: AsyncEngine) -> list[tuple[str, ...]]:
    query = (
        "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    # The migrator's loop stands still while it asks.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(select(engine, query))).result()


async def test_tables_at_the_revision_described_need_no_question(engine: AsyncEngine) -> None:
    await make(engine, version=DESCRIBED)
    said: list[str] = []

    await runner.upgrade(engine, report=said.append)

    assert "To be mended" in "\n".join(said), "what is mended is told all the same"
    assert await catalog(engine) == await catalog_of_a_new_database(engine)


@pytest.mark.parametrize(
    ("version", "said"), [(LATER, f"is at revision {LATER}"), ("71521C6321DC", "71521C6321DC"), (None, "no alembic_v")]
)
async def test_tables_at_another_revision_are_not_taken_over_unasked(
    engine: AsyncEngine, version: str | None, said: str
) -> None:
    await make(engine, version=version or "")
    if version is None:
        await execute(engine, "DROP TABLE alembic_version")
    before = await everything(engine)

    with pytest.raises(UnmanagedDatabase, match=rf"{said}.*`python -m graphql_api migrate --adopt`.*Nothing was chang"):
        await runner.upgrade(engine, report=print)

    assert await everything(engine) == before


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE alembic_version",
        "DELETE FROM alembic_version",
        "INSERT INTO alembic_version VALUES ('a second head')",
        "ALTER TABLE alembic_version RENAME version_num TO odd",
    ],
)
async def test_with_consent_the_comparison_decides_whatever_the_version_says(engine: AsyncEngine, change: str) -> None:
    await make(engine, change)
    await adopt(engine)
    async with engine.connect() as connection:
        assert await runner.current_revision(connection) == runner.head_revision()


async def test_the_earlier_service_goes_on_working_and_what_it_writes_is_seen(engine: AsyncEngine) -> None:
    await make(engine, *FURTHER_COLUMNS)
    await adopt(engine)

    await execute(engine, *WORK_OF_ITS_OWN)

    counts = "SELECT (SELECT count(*) FROM teams), (SELECT count(*) FROM api_keys), (SELECT count(*) FROM usage_logs)"
    assert await select(engine, counts) == [(6, 5, 3)]
    session_of_a_newcomer = "SELECT platform, team_id, session_id FROM chat_sessions WHERE user_id = 'newcomer'"
    identifier = md5(b"telegram:1:newcomer", usedforsecurity=False).hexdigest()
    assert await select(engine, session_of_a_newcomer) == [("telegram", 1, identifier)]
    assert await select(engine, "SELECT sum(requests) FROM usage_totals WHERE day = '2024-01-01'") == [(7,)]
    assert await select(engine, "SELECT version_num FROM alembic_version") == [(LATER,)]


async def test_what_was_added_can_be_removed_and_the_earlier_service_still_works(engine: AsyncEngine) -> None:
    await make(engine)
    columns = await its_columns(engine)
    before = await its_rows(engine, columns)
    await adopt(engine)

    await runner.downgrade(engine, runner.EXISTING_SCHEMA, report=print)

    assert await its_columns(engine) == columns
    assert await its_rows(engine, columns) == before
    assert await tables(engine) == {*TABLES, "alembic_version", "platform_config_alembic_version"}
    await execute(engine, *WORK_OF_ITS_OWN)
    # And once more, without a question: the database is this service's own since.
    await runner.upgrade(engine, report=print)
    assert await catalog(engine) == await catalog_of_a_new_database(engine)


async def test_adopting_twice_is_adopting_once(engine: AsyncEngine) -> None:
    await make(engine)
    await adopt(engine)
    before = await everything(engine)

    said = await adopt(engine)

    assert await everything(engine) == before
    assert "nothing to take over" in said
    assert "nothing to do" in said
    assert "(asked)" not in said


async def test_an_empty_database_is_built_though_nothing_is_there_to_adopt(engine: AsyncEngine) -> None:
    said = await adopt(engine)
    adopted = await catalog(engine)
    assert "nothing to take over" in said
    assert "(asked)" not in said
    assert adopted == await catalog_of_a_new_database(engine)


async def test_tables_without_rows_are_taken_over_too(engine: AsyncEngine) -> None:
    await make(engine, rows=False)
    assert "about 0 rows" in await adopt(engine)


async def test_only_the_current_schema_counts(engine: AsyncEngine) -> None:
    """Another program's tables of the same names, in a schema of their own, are none of ours."""
    database = engine.url.database
    await execute(engine, *TABLES_OF_ITS_MAKING, "ALTER SCHEMA public RENAME TO other", "CREATE SCHEMA ours")
    await execute(engine, f"ALTER DATABASE {database} SET search_path = ours, other")

    with pytest.raises(UnmanagedDatabase, match="in the schema other, and this account works in ours"):
        await adopt(engine)
    await runner.upgrade(engine, report=print)

    made = await select(engine, "SELECT count(*) FROM pg_tables WHERE schemaname = 'ours' AND tablename = 'teams'")
    assert made == [(1,)]
    assert await tables(engine) == set()
