"""What the revisions do to teams: platform types, overrides and their bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from migrations import runner
from tests.migrations.catalog import catalog
from tests.migrations.rows import EXISTING_ROWS, execute, select

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

TEAM_OVERRIDES = "feb0660268aa"
BEFORE_CONSTRAINTS = "eead146b901c"

# Column, a value beyond its bound as SQL, and the constraint that has to say so.
BEYOND_BOUNDS = [
    ("platform_type", "'Public'", "ck_teams_platform_type"),
    ("platform_type", "''", "ck_teams_platform_type"),
    ("monthly_quota", "-1", "ck_teams_monthly_quota"),
    ("daily_quota", "-1", "ck_teams_daily_quota"),
    ("rate_limit", "0", "ck_teams_rate_limit"),
    ("rate_limit", "1001", "ck_teams_rate_limit"),
    ("max_history", "0", "ck_teams_max_history"),
    ("max_history", "101", "ck_teams_max_history"),
    ("default_model", "''", "ck_teams_default_model"),
    ("available_models", "'[]'", "ck_teams_available_models"),
    ("available_models", "'{\"a\": 1}'", "ck_teams_available_models"),
    ("available_models", "'null'", "ck_teams_available_models"),
    ("available_models", "to_json(array_fill('m'::text, ARRAY[101]))", "ck_teams_available_models"),
    ("revision", "0", "ck_teams_revision"),
]
# Held by a trigger, which looks at new values only; it speaks in the name of the constraint that it stands for.
BY_TRIGGER = {"ck_teams_monthly_quota", "ck_teams_daily_quota"}
WITHIN_BOUNDS = {
    "platform_type": ("'public'", "'private'"),
    "monthly_quota": ("0", "NULL"),
    "daily_quota": ("0", "NULL"),
    "rate_limit": ("1", "1000", "NULL"),
    "max_history": ("1", "100", "NULL"),
    "default_model": ("'m'", "NULL"),
    "available_models": ("'[\"m\"]'", "to_json(array_fill('m'::text, ARRAY[100]))", "NULL"),
    "revision": ("1", "2"),
}


def insert(column: str, value: str) -> str:
    """Write the statement that adds a team with a value in a column, named after both."""
    return (
        f"INSERT INTO teams (display_name, platform_name, {column})"  # noqa: S608 - values from above
        f" SELECT name, name, {value} FROM md5({column!r} || coalesce(({value})::text, '')) AS name"
    )


async def test_telegram_becomes_public_and_all_others_private(existing: AsyncEngine) -> None:
    await execute(existing, *EXISTING_ROWS)
    await runner.upgrade(existing, TEAM_OVERRIDES, report=print)
    assert await select(existing, "SELECT platform_name, platform_type FROM teams ORDER BY id") == [
        ("telegram", "public"),
        ("broken", "private"),
        ("Telegram", "private"),
        ("Телеграм", "private"),
    ]


async def test_no_team_overrides_anything_at_first(existing: AsyncEngine) -> None:
    await execute(existing, *EXISTING_ROWS)
    await runner.upgrade(existing, report=print)
    assert set(
        await select(
            existing,
            "SELECT rate_limit, max_history, default_model, available_models, allow_model_switch, revision FROM teams",
        )
    ) == {(None, None, None, None, None, 1)}


async def test_the_overrides_are_six_columns_and_an_index(existing: AsyncEngine) -> None:
    before = await catalog(existing)
    await runner.upgrade(existing, TEAM_OVERRIDES, report=print)
    added = {line.split(" comment ")[0] for line in await catalog(existing) - before}
    assert added == {
        "column teams.platform_type: character varying(50) not null default 'private'::character varying",
        "column teams.rate_limit: integer",
        "column teams.max_history: integer",
        "column teams.default_model: character varying(255)",
        "column teams.available_models: json",
        "column teams.allow_model_switch: boolean",
        "index CREATE INDEX ix_teams_platform_type ON public.teams USING btree (platform_type)",
    }


async def test_rows_older_than_the_bounds_stay_and_can_be_read(existing: AsyncEngine) -> None:
    await runner.upgrade(existing, BEFORE_CONSTRAINTS, report=print)
    await execute(existing, *(insert(column, value) for column, value, _ in BEYOND_BOUNDS))
    before = await select(existing, "SELECT to_jsonb(teams) FROM teams ORDER BY id")
    assert len(before) == len(BEYOND_BOUNDS)

    await runner.upgrade(existing, report=print)

    assert await select(existing, "SELECT to_jsonb(teams) FROM teams ORDER BY id") == before
    validated = (
        "SELECT conname FROM pg_constraint WHERE conrelid = 'teams'::regclass AND contype = 'c' AND convalidated"
    )
    assert await select(existing, validated) == []


async def test_a_new_row_beyond_a_bound_is_refused_by_the_constraints_name(existing: AsyncEngine) -> None:
    await runner.upgrade(existing, report=print)
    for column, value, constraint in BEYOND_BOUNDS:
        with pytest.raises(IntegrityError) as refused:
            await execute(existing, insert(column, value))
        error = refused.value.orig and refused.value.orig.__cause__
        assert getattr(error, "constraint_name", None) == constraint, f"{column} = {value}"


async def test_every_constraint_of_teams_is_put_to_the_test(existing: AsyncEngine) -> None:
    await runner.upgrade(existing, report=print)
    constraints = "SELECT conname FROM pg_constraint WHERE conrelid = 'teams'::regclass AND contype = 'c'"
    by_constraint = {name for (name,) in await select(existing, constraints)}
    assert by_constraint | BY_TRIGGER == {name for *_, name in BEYOND_BOUNDS}
    assert set(WITHIN_BOUNDS) == {column for column, *_ in BEYOND_BOUNDS}


async def test_the_bounds_themselves_are_allowed(existing: AsyncEngine) -> None:
    await runner.upgrade(existing, report=print)
    await execute(existing, *(insert(column, value) for column, values in WITHIN_BOUNDS.items() for value in values))
