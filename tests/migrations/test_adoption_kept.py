"""What an adoption finds beyond its description and leaves alone, with a word about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrations import runner
from migrations.errors import AdoptionDeclined
from tests.migrations.catalog import catalog
from tests.migrations.earlier_service import DESCRIBED, WORK_OF_ITS_OWN, adopt, make
from tests.migrations.rows import execute, select

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

# What somebody added, what is said about it, and how the catalog has it, then as before.
KEPT = [
    (
        "ALTER TABLE teams ADD COLUMN contact text NOT NULL DEFAULT 'nobody'",
        "column contact is kept and not used",
        "column teams.contact: text not null default 'nobody'::text",
    ),
    (
        "ALTER TABLE teams ALTER monthly_quota SET DEFAULT 1000",
        "the default 1000 of monthly_quota is kept",
        "column teams.monthly_quota: integer default 1000",
    ),
    (
        "ALTER TABLE messages ADD CONSTRAINT a_role CHECK (role <> '')",
        "check constraint a_role is kept and applies to what this service writes, too",
        "constraint a_role on messages: CHECK (((role)::text <> ''::text))",
    ),
    (
        "ALTER TABLE messages ADD CONSTRAINT once EXCLUDE (id WITH =)",
        "exclusion constraint once is kept",
        "constraint once on messages: EXCLUDE USING btree (id WITH =)",
    ),
    (
        "ALTER TABLE teams ADD UNIQUE (platform_name)",
        "unique index teams_platform_name_key on btree (platform_name) is kept",
        "constraint teams_platform_name_key on teams: UNIQUE (platform_name)",
    ),
    (
        (
            "ALTER TABLE api_keys DROP CONSTRAINT api_keys_team_id_fkey,"
            " ADD CONSTRAINT its_own FOREIGN KEY (team_id) REFERENCES teams ON DELETE SET NULL"
        ),
        "foreign key its_own from team_id to teams acts by itself (on delete set null) and is kept so",
        "constraint its_own on api_keys: FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE SET NULL",
    ),
]
# Indexes that cannot refuse a row of this service: nobody needs to hear of them.
HARMLESS_INDEXES = (
    "CREATE INDEX by_role ON messages (role)",
    "CREATE UNIQUE INDEX by_name_and_id ON teams (display_name, id)",
    "ALTER TABLE teams ADD COLUMN webhook_token text UNIQUE",
)


@pytest.mark.parametrize(("change", "said", "line"), KEPT, ids=[said[:40] for _, said, _ in KEPT])
async def test_what_was_added_is_told_and_kept(engine: AsyncEngine, change: str, said: str, line: str) -> None:
    await make(engine, change)
    plan: list[str] = []
    with pytest.raises(AdoptionDeclined):
        await runner.upgrade(engine, report=plan.append, consent=lambda: False)
    assert said in "\n".join(plan)

    await adopt(engine)

    assert line in await catalog(engine)


async def test_a_trigger_of_somebody_goes_on_firing(engine: AsyncEngine) -> None:
    await make(
        engine,
        "CREATE TABLE seen (name text)",
        "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO seen VALUES (NEW.display_name); RETURN NEW; END $$",
        "CREATE TRIGGER see AFTER INSERT ON teams FOR EACH ROW EXECUTE FUNCTION see()",
    )
    told: list[str] = []
    await runner.upgrade(engine, report=told.append, consent=lambda: True)
    await execute(engine, *WORK_OF_ITS_OWN)
    assert "trigger see is kept and applies to what this service writes, too" in "\n".join(told)
    assert await select(engine, "SELECT name FROM seen") == [("Sales",)]


async def test_indexes_that_refuse_nothing_of_ours_stay(engine: AsyncEngine) -> None:
    await make(engine)
    before = await catalog(engine)
    await execute(engine, *HARMLESS_INDEXES)
    added = {line for line in await catalog(engine) - before if line.startswith(("index", "constraint"))}
    assert len(added) == 4, "three indexes, and the constraint of one"
    await adopt(engine)
    assert added <= await catalog(engine)


async def test_tables_that_are_as_described_need_no_mend(engine: AsyncEngine) -> None:
    await runner.upgrade(engine, runner.EXISTING_SCHEMA, report=print)
    await execute(
        engine,
        "DROP TABLE platform_config_alembic_version",
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
        f"INSERT INTO alembic_version VALUES ('{DESCRIBED}')",  # noqa: S608 - a constant
    )
    told: list[str] = []
    await runner.upgrade(engine, report=told.append)
    assert "nothing has to be mended" in "\n".join(told)
