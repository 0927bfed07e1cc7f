"""Comparing columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import DefaultClause

from db.models import Base
from migrations.adoption.findings import Misfit, Note
from migrations.adoption.mends import CHECK_PREFIX, allow_null, check_name, drop_check, require_value, set_default

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

    from migrations.adoption.found import FoundColumn, FoundTable
    from migrations.adoption.mends import Mend

_NOW: Final = r"(now\(\)|CURRENT_TIMESTAMP|(statement|transaction|clock)_timestamp\(\))"
# By the way in which the description writes a default, the other ways to say the same, as PostgreSQL gives them back.
# Some give the time of the connection's zone; what they mean is the present all the same.
_SAME_DEFAULT: Final = {
    "timezone('utc', now())": re.compile(
        rf"{_NOW}|LOCALTIMESTAMP|\({_NOW}\)::timestamp without time zone"
        rf"|timezone\('utc'::text, {_NOW}\)|\({_NOW} AT TIME ZONE 'utc'::text\)",
        re.IGNORECASE,
    ),
    "true": re.compile(r"'(t|true|1|y|yes|on)'::boolean|\(1\)::boolean", re.IGNORECASE),
    "1": re.compile(r"'1'::(integer|smallint|bigint)|\(1\)::(integer|smallint|bigint)"),
}
_AS_DESCRIBED: Final = {"timezone('utc', now())": "timezone('utc'::text, now())"}
_POSTGRESQL: Final[Dialect] = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy leaves it so
_FROM_SEQUENCE: Final = "nextval("


def compare_column(table: FoundTable, expected: Column[object]) -> Iterator[Misfit | Mend | Note]:
    """Compare a column of the description with the one of its name."""
    found = table.columns.get(expected.name)
    wanted = postgresql_name(expected.type)
    if found is None:
        yield Misfit(table.name, f"has no column {expected.name} ({wanted})")
        return
    if found.type != wanted:
        yield Misfit(table.name, f"has a column {found.name} of the type {found.type}, expected is {wanted}")
        return
    if found.is_generated:
        yield Misfit(table.name, f"has a column {found.name} that is generated and cannot be written")
        return
    if expected.primary_key:
        yield from _compare_id(table, found)
        return
    if found.nullable and not expected.nullable:
        begun = check_name(table.name, found.name) in table.checks
        yield require_value(table.name, found.name, begun=begun)
    elif expected.nullable and not found.nullable:
        yield allow_null(table.name, found.name)
    yield from _compare_default(table.name, found, expected)


def compare_unknown_column(table: str, found: FoundColumn, *, adopting: bool) -> Misfit | Note:
    """Judge a column that the description does not have."""
    if not adopting:
        return Misfit(table, f"has a column {found.name} that is not of that revision")
    if found.name in Base.metadata.tables[table].columns:
        return Misfit(table, f"has a column {found.name}, the name of a column that this service adds: rename it")
    if not found.nullable and not found.fills_itself:
        return Misfit(
            table,
            f"has a column {found.name} that needs a value and has no default, so that this service could add no row: "
            "give it a default, or drop its NOT NULL",
        )
    return Note(table, f"column {found.name} is kept and not used")


def left_over_checks(table: FoundTable) -> Iterator[Mend]:
    """Find constraints of an interrupted attempt whose columns have become NOT NULL already."""
    needed = {check_name(table.name, column.name) for column in table.columns.values() if column.nullable}
    for name in table.checks:
        if name.startswith(CHECK_PREFIX) and name not in needed:
            yield drop_check(table.name, name)


def postgresql_name(kind: TypeEngine[object]) -> str:
    """Give a type's name as PostgreSQL's catalog has it."""
    return kind.compile(_POSTGRESQL).lower().replace("varchar", "character varying")


def _compare_id(table: FoundTable, found: FoundColumn) -> Iterator[Misfit]:
    keys = [index.columns for index in table.indexes.values() if index.is_primary]
    if keys != [(found.name,)]:
        has = f"on {', '.join(keys[0])}" if keys else "missing"
        yield Misfit(table.name, f"has to have its primary key on {found.name}, and it is {has}")
    if not found.is_identity and not (found.default or "").startswith(_FROM_SEQUENCE):
        yield Misfit(table.name, f"has a column {found.name} that no sequence fills")


def _compare_default(table: str, found: FoundColumn, expected: Column[object]) -> Iterator[Misfit | Mend | Note]:
    if found.is_identity:
        yield Misfit(table, f"has a column {found.name} that is an identity")
        return
    if not isinstance(expected.server_default, DefaultClause):
        if found.default is not None:
            yield Note(table, f"the default {found.default} of {found.name} is kept")
        return
    wanted = str(expected.server_default.arg)
    if found.default == _AS_DESCRIBED.get(wanted, wanted):
        return
    if found.default is None or _SAME_DEFAULT[wanted].fullmatch(found.default):
        yield set_default(table, found.name, wanted, found.default)
    else:
        yield Misfit(table, f"has {found.default} as the default of {found.name}, expected is {wanted}")
