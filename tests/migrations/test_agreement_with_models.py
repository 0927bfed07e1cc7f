"""A migrated database is what the models say, and the comparison that shows it can see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from db.models import Base
from migrations import runner
from migrations.comparison import differences
from tests.migrations.catalog import catalog, tables
from tests.migrations.rows import execute, select

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


@pytest.fixture
async def migrated(engine: AsyncEngine) -> AsyncEngine:
    """A database at the head."""
    await runner.upgrade(engine, report=print)
    return engine


async def found(engine: AsyncEngine) -> str:
    """Give the differences as text, empty where there are none."""
    async with engine.connect() as connection:
        return "\n".join(map(str, await connection.run_sync(differences)))


async def test_alembic_finds_nothing_to_change(migrated: AsyncEngine) -> None:
    assert await found(migrated) == ""


async def test_the_database_is_the_one_that_the_models_would_make(migrated: AsyncEngine) -> None:
    """Alembic compares no check constraints, names of keys or expressions of indexes; the catalog has them all."""
    by_migrations = {re.sub(r" NOT VALID$", "", line) for line in await catalog(migrated)}
    await execute(migrated, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    async with migrated.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    assert by_migrations == await catalog(migrated)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("ALTER TABLE teams DROP COLUMN rate_limit", "rate_limit"),
        ("ALTER TABLE teams ADD COLUMN extra integer", "extra"),
        ("ALTER TABLE teams ALTER display_name TYPE varchar(100)", "display_name"),
        ("ALTER TABLE teams ALTER display_name DROP NOT NULL", "display_name"),
        ("ALTER TABLE teams ALTER platform_type SET DEFAULT 'public'", "platform_type"),
        ("ALTER TABLE messages ALTER created_at DROP DEFAULT", "created_at"),
        ("ALTER TABLE messages ALTER created_at TYPE timestamptz", "created_at"),
        ("COMMENT ON COLUMN teams.rate_limit IS 'something else'", "rate_limit"),
        ("DROP INDEX ix_teams_platform_type", "ix_teams_platform_type"),
        ("ALTER TABLE chat_sessions DROP CONSTRAINT chat_sessions_team_id_fkey", "chat_sessions"),
        ("DROP TABLE team_revisions", "team_revisions"),
    ],
)
async def test_a_difference_is_found(migrated: AsyncEngine, change: str, name: str) -> None:
    await execute(migrated, change)
    assert name in await found(migrated)


async def test_what_belongs_to_another_service_is_not_compared(migrated: AsyncEngine) -> None:
    await execute(
        migrated,
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
        "CREATE TABLE somebody_elses (id integer PRIMARY KEY, name text UNIQUE, team_id integer REFERENCES teams (id))",
        "CREATE INDEX ix_somebody_elses_name ON somebody_elses (name)",
    )
    assert "somebody_elses" in await tables(migrated)
    assert await found(migrated) == ""


async def test_each_added_column_of_teams_is_explained_in_the_database(migrated: AsyncEngine) -> None:
    comments = dict(
        await select(
            migrated,
            "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute"
            " WHERE attrelid = 'teams'::regclass AND attnum > 0 AND col_description(attrelid, attnum) IS NOT NULL",
        )
    )
    inherits = "; null inherits the platform default"
    assert comments == {
        "platform_type": "public or private; decides the defaults that the team inherits",
        "rate_limit": "Override: requests per minute for each user" + inherits,
        "max_history": "Override: messages of context that a session keeps" + inherits,
        "default_model": "Override: model that a new session starts with" + inherits,
        "available_models": "Override: list of the models that sessions may use" + inherits,
        "allow_model_switch": "Override: whether users may change the model of a session" + inherits,
        "revision": "Grows by one with each change to the team or its overrides",
    }
