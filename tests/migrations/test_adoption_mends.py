"""What is mended in the tables of the earlier service, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrations import runner
from tests.migrations.catalog import catalog
from tests.migrations.earlier_service import (
    LEFT_BEHIND,
    adopt,
    catalog_of_a_new_database,
    its_columns,
    its_rows,
    make,
)
from tests.migrations.rows import execute, select
from tests.migrations.test_squawk import squawk

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

# What is other than in a new database, and can be made the same while both services run.
MENDED = {
    "defaults": (
        "ALTER TABLE teams ALTER is_active DROP DEFAULT, ALTER created_at SET DEFAULT CURRENT_TIMESTAMP",
        "ALTER TABLE teams ALTER updated_at SET DEFAULT (now() AT TIME ZONE 'UTC')",
        "ALTER TABLE messages ALTER created_at SET DEFAULT LOCALTIMESTAMP",
        "ALTER TABLE usage_logs ALTER timestamp SET DEFAULT timezone('utc', clock_timestamp())",
        "ALTER TABLE usage_logs ALTER success SET DEFAULT '1', ALTER request_count SET DEFAULT '1'",
    ),
    "nulls allowed": (
        "ALTER TABLE teams ALTER display_name DROP NOT NULL, ALTER is_active DROP NOT NULL",
        "ALTER TABLE usage_logs ALTER timestamp DROP NOT NULL, ALTER request_count DROP NOT NULL",
    ),
    "nulls forbidden": (
        "UPDATE messages SET cleared_at = '2024-01-01', team_id = 1",
        "ALTER TABLE messages ALTER cleared_at SET NOT NULL, ALTER team_id SET NOT NULL",
    ),
    "indexes missing": (
        "DROP INDEX ix_teams_platform_name",
        "DROP INDEX ix_api_keys_key_hash",
        "DROP INDEX ix_usage_logs_timestamp",
        "DROP INDEX ix_messages_user_id",
    ),
    "foreign keys missing": (
        "ALTER TABLE api_keys DROP CONSTRAINT api_keys_team_id_fkey",
        "ALTER TABLE messages DROP CONSTRAINT messages_team_id_fkey, DROP CONSTRAINT messages_api_key_id_fkey",
    ),
    "foreign key never validated": (
        "ALTER TABLE usage_logs DROP CONSTRAINT usage_logs_team_id_fkey",
        (
            "ALTER TABLE usage_logs ADD CONSTRAINT usage_logs_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams"
            " NOT VALID"
        ),
    ),
}
# Each mend is committed by itself and found out again by the next comparison; the constraint that is dropped is its
# own, and spares SET NOT NULL a look at the rows; where nulls are allowed, nobody has to write them.
LINTED_AS = (
    "-- squawk-ignore-file prefer-robust-stmts",
    "-- squawk-ignore-file ban-drop-constraint",
    "-- squawk-ignore-file adding-not-nullable-field",
    "-- squawk-ignore-file ban-drop-not-null",
    "SET lock_timeout = '3s'; SET statement_timeout = 0;",
)


@pytest.mark.parametrize("changes", MENDED.values(), ids=MENDED)
async def test_what_can_be_mended_becomes_what_a_new_database_has(
    engine: AsyncEngine, changes: tuple[str, ...]
) -> None:
    await make(engine, *changes)
    columns = await its_columns(engine)
    before = await its_rows(engine, columns)

    await adopt(engine)

    assert await its_rows(engine, columns) == before
    assert await select(engine, LEFT_BEHIND) == []
    assert await catalog(engine) == await catalog_of_a_new_database(engine)


async def test_no_mend_rewrites_a_table(engine: AsyncEngine) -> None:
    await make(engine, *(change for changes in MENDED.values() for change in changes))
    files = "SELECT relname, relfilenode FROM pg_class WHERE relname IN ('teams', 'api_keys', 'usage_logs', 'messages')"
    before = await select(engine, files)
    await runner.upgrade(engine, runner.EXISTING_SCHEMA, report=print, consent=lambda: True)
    assert await select(engine, files) == before


async def test_no_mend_is_a_danger_for_those_who_use_the_tables(engine: AsyncEngine) -> None:
    """The linter that judges revisions judges the statements of the mends, as the database gets them."""
    await make(engine, *(change for changes in MENDED.values() for change in changes))
    database = engine.url.database
    await execute(
        engine,
        f"ALTER DATABASE {database} SET statement_timeout = '5s'",
        "CREATE TABLE noted (number serial, statement text, waits text, works text)",
        """
        CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO noted (statement, waits, works) VALUES
                (current_query(), current_setting('lock_timeout'), current_setting('statement_timeout'));
        END $$
        """,
        "CREATE EVENT TRIGGER note ON ddl_command_start EXECUTE FUNCTION note()",
    )
    await runner.upgrade(engine, runner.EXISTING_SCHEMA, report=print, consent=lambda: True)
    await execute(engine, "DROP EVENT TRIGGER note")
    noted = await select(engine, "SELECT statement, waits, works FROM noted ORDER BY number")
    mends = [row for row in noted if "platform_config_alembic_version" not in row[0]]
    assert len(mends) > 20

    verdict = squawk("\n".join([*LINTED_AS, *(f"{statement};" for statement, *_ in mends)]))

    assert verdict.returncode == 0, verdict.stdout
    limits = {("CONCURRENTLY" in statement, waits, works) for statement, waits, works in mends}
    assert limits == {(False, "3s", "0"), (True, "1min", "0")}
