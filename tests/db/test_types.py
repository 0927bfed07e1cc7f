"""How stored values become domain values at the edge of the database, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import ColumnElement, Text, cast, insert, literal, literal_column, select, true, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import StatementError

from db.models import Team
from db.queries.teams import by_ids
from db.statement import Statement
from db.types import read_json
from domain.platform import PlatformType
from domain.text import storable
from domain.viewer import Admin
from tests.db.statements import execute
from tests.db.teams import add

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.database import Database

IN_TEHRAN = timezone(timedelta(hours=3, minutes=30))


async def store(database: Database, **columns: Any) -> None:
    async with database.write() as transaction:
        await transaction.rows(Statement(insert(Team).values({"display_name": "a", "platform_name": "a", **columns})))


async def read(database: Database, column: Any, condition: ColumnElement[bool] | None = None) -> Any:
    async with database.read() as session:
        return await session.scalar(select(column).select_from(Team).where(true() if condition is None else condition))


async def as_text(database: Database, column: str, condition: ColumnElement[bool] | None = None) -> Any:
    return await read(database, cast(literal_column(column), Text), condition)


async def store_past_constraints(database: Database, column: str, kind: str, values: Sequence[str]) -> None:
    """Write a team for each value, in a database that is the test's own; their ids begin at 1."""
    async with database.write() as transaction:
        await execute(transaction, f"ALTER TABLE teams DROP CONSTRAINT ck_teams_{column}")
        for value in values:
            await execute(
                transaction,
                f"INSERT INTO teams (display_name, platform_name, {column})"  # noqa: S608 - names from here
                f" SELECT name, name, CAST(:value AS {kind}) FROM md5(:value) AS name",
                value=value,
            )


async def test_an_aware_time_is_stored_in_utc_without_zone_and_read_as_aware_utc(opened: Database) -> None:
    for number, (moment, stored) in enumerate(
        (
            (datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31 12:00:00"),
            (datetime(2026, 1, 31, 1, 30, tzinfo=IN_TEHRAN), "2026-01-30 22:00:00"),
            (datetime(2026, 1, 31, 23, tzinfo=timezone(timedelta(hours=-11))), "2026-02-01 10:00:00"),
            (datetime(2026, 1, 31, 12, 0, 0, 1, tzinfo=UTC), "2026-01-31 12:00:00.000001"),
            (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31 23:59:59"),
            (datetime(1, 1, 1, 0, 0, 1, tzinfo=UTC), "0001-01-01 00:00:01"),
        ),
        start=1,
    ):
        await store(opened, display_name=stored, platform_name=stored, created_at=moment)
        this = Team.id == number
        assert await as_text(opened, "created_at", this) == stored
        read_back = await read(opened, Team.created_at, this)
        assert read_back == moment
        assert read_back.tzinfo is UTC
        assert await read(opened, Team.id, Team.created_at == moment) == number


async def test_a_naive_time_is_refused_before_it_reaches_the_database(opened: Database) -> None:
    naive = datetime(2026, 1, 31)  # noqa: DTZ001 - the point
    with pytest.raises(ValueError, match="naive"):
        await store(opened, created_at=naive)
    with pytest.raises(StatementError, match="naive"):
        await read(opened, Team.id, Team.created_at > naive)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tehran", "America/New_York"])
async def test_the_databases_own_clock_writes_utc_whatever_its_zone(opened: Database, zone: str) -> None:
    """The server's zone, and that of an earlier service's connection, play no part."""
    async with opened.write() as transaction:
        await execute(transaction, f"SET LOCAL timezone = '{zone}'")
        await add(transaction)
    created_at = await read(opened, Team.created_at)
    assert abs(created_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_list_is_stored_as_json_and_none_as_null(opened: Database) -> None:
    names = ["a", "ключ", "👩\u200d🔧", '"', "\\"]
    await store(opened, available_models=names)
    assert json.loads(await as_text(opened, "available_models") or "") == names
    assert await read(opened, Team.available_models) == names
    async with opened.write() as transaction:
        await transaction.rows(Statement(update(Team).values(available_models=None)))
    assert await as_text(opened, "available_models") is None
    assert await read(opened, Team.available_models) is None


STRANGE_JSON = {
    '["a", 1, 1.5, true, null, {"b": []}]': ["a", 1, 1.5, True, None, {"b": []}],
    f"[{'9' * 15}, -{'9' * 14}]": [10**15 - 1, -(10**14 - 1)],
    f"[{'9' * 30}]": [1e30],
    f"[{'9' * 5000}]": [None],
    "[1e999, -1e999]": [None, None],
    r'["\ud83d\ude00"]': ["😀"],
    '"text"': "text",
    "5": 5,
    "true": True,
    # None would mean that the column is null.
    "null": {},
}
JSON_OF_NO_CHARACTERS = [r'["\ud800"]', r'["a\u0000b"]', r'[{"\udfff\u0000": "\udfff"}]', r'"\u0000"']


async def test_whatever_json_is_stored_is_read_as_what_json_can_show(opened: Database) -> None:
    await store_past_constraints(opened, "available_models", "json", list(STRANGE_JSON))
    for number, (stored, expected) in enumerate(STRANGE_JSON.items(), start=1):
        found = await read(opened, Team.available_models, Team.id == number)
        assert found == expected, stored
        assert type(found) is type(expected), stored
        json.dumps(found, allow_nan=False)


async def test_json_of_what_is_no_character_can_be_sent_and_stored_in_the_trail(opened: Database) -> None:
    """The trail is jsonb, which takes neither NUL nor lone surrogates."""
    await store_past_constraints(opened, "available_models", "json", JSON_OF_NO_CHARACTERS)
    for number, stored in enumerate(JSON_OF_NO_CHARACTERS, start=1):
        found = await read(opened, Team.available_models, Team.id == number)
        shown = storable(found)
        orjson.dumps(shown)
        assert await read(opened, literal(shown, JSONB), Team.id == number) == shown, stored


async def test_json_of_any_depth_is_read(opened: Database) -> None:
    """Not only by the parser: whatever comes after it may recurse as well."""
    depths = [10, 100, 250, 300, 500, 900, 990, 2000, 5000]
    await store_past_constraints(opened, "available_models", "json", ["[" * depth + "]" * depth for depth in depths])
    for number, depth in enumerate(depths, start=1):
        assert isinstance(await read(opened, Team.available_models, Team.id == number), list | dict), depth


@pytest.mark.parametrize("content", ["", "nonsense", "[1", "'a'", "{1: 2}", "\x00", "[" * 100_000])
def test_text_that_is_no_json_at_all_is_read_as_an_empty_object(content: str) -> None:
    """PostgreSQL never hands it over; should it ever, nothing breaks."""
    assert read_json(content) == {}


async def test_text_that_names_no_platform_type_is_read_as_private(opened: Database) -> None:
    values = ["public", "private", "Public", "", "публичный"]
    await store_past_constraints(opened, "platform_type", "text", values)
    teams = await by_ids(opened, Admin("ops"), range(1, len(values) + 1))
    assert [team.platform_type for _, team in sorted(teams.items())] == [
        PlatformType.PUBLIC,
        *[PlatformType.PRIVATE] * 4,
    ]
