"""How a refusal of the database is recognised: by the constraint's name and by its SQLSTATE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from db.errors import (
    ConstraintViolated,
    DatabaseConflict,
    DatabaseUnavailable,
    SchemaOutdated,
    StatementFailed,
    database_failures,
)
from tests.db.statements import execute

if TYPE_CHECKING:
    from db.database import Database

TEAM = "INSERT INTO teams (display_name, platform_name"


async def refusal(database: Database, statement: str) -> StatementFailed:
    with pytest.raises(StatementFailed) as refused:
        async with database.write() as transaction:
            await execute(transaction, statement)
    return refused.value


async def test_a_refusal_names_its_constraint_or_unique_index(opened: Database) -> None:
    async with opened.write() as transaction:
        await execute(transaction, f"{TEAM}) VALUES ('a', 'a')")
    for statement, constraint in (
        (f"{TEAM}) VALUES ('b', 'a')", "ix_teams_platform_name"),
        (f"{TEAM}) VALUES ('a', 'b')", "ix_teams_display_name"),
        (f"{TEAM}, rate_limit) VALUES ('b', 'b', 0)", "ck_teams_rate_limit"),
        (f"{TEAM}, revision) VALUES ('b', 'b', 0)", "ck_teams_revision"),
        (
            "INSERT INTO api_keys (key_hash, key_prefix, name, team_id) VALUES ('h', 'p', 'n', 999)",
            "api_keys_team_id_fkey",
        ),
        (f"{TEAM}) VALUES ('b', NULL)", ""),
    ):
        refused = await refusal(opened, statement)
        assert isinstance(refused, ConstraintViolated), statement
        assert refused.name == constraint, statement


async def test_what_is_refused_for_another_reason_names_none(opened: Database) -> None:
    for statement in ("SELECT 1/0", "SELECT nonsense()"):
        assert not isinstance(await refusal(opened, statement), ConstraintViolated), statement


def failed(state: str, kind: type[DBAPIError] = OperationalError, *, lost: bool = False) -> DBAPIError:
    original = Exception("from the driver")
    original.sqlstate = state  # type: ignore[attr-defined] # as the driver's errors have it
    return kind("SELECT 1", {}, original, connection_invalidated=lost)


@pytest.mark.parametrize("state", ["08000", "08006", "53300", "53400", "55P03", "57014", "57P01", "57P02", "57P03"])
def test_what_passes_is_unavailable(state: str) -> None:
    error = failed(state)
    with pytest.raises(DatabaseUnavailable) as unavailable, database_failures():
        raise error
    assert not isinstance(unavailable.value, SchemaOutdated)
    assert unavailable.value.__cause__ is error


@pytest.mark.parametrize("state", ["42P01", "42703"])
def test_a_missing_table_or_column_is_an_outdated_schema(state: str) -> None:
    with pytest.raises(SchemaOutdated), database_failures():
        raise failed(state)


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_transaction_that_was_in_the_way_of_another_may_be_done_again(state: str) -> None:
    with pytest.raises(DatabaseConflict, match="nothing took place"), database_failures():
        raise failed(state)


@pytest.mark.parametrize("state", ["", "22012", "23505", "42601", "XX000"])
def test_anything_else_passes_through(state: str) -> None:
    error = failed(state)
    with pytest.raises(DBAPIError) as raised, database_failures():
        raise error
    assert raised.value is error


@pytest.mark.parametrize(
    "error",
    [
        failed("", lost=True),
        failed("", InterfaceError),
        PoolTimeoutError("no connection in time"),
        ConnectionRefusedError(),
        TimeoutError(),
    ],
    ids=repr,
)
def test_a_lost_connection_is_unavailable_without_any_state(error: Exception) -> None:
    with pytest.raises(DatabaseUnavailable) as unavailable, database_failures():
        raise error
    assert unavailable.value.__cause__ is error


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), RuntimeError("x")], ids=repr)
def test_what_is_not_the_databases_passes_through(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, database_failures():
        raise error
    assert raised.value is error
