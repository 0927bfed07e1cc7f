"""Comparing indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrations.adoption.findings import Misfit, Note
from migrations.adoption.mends import build_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Index, Table

    from migrations.adoption.found import FoundDatabase, FoundIndex, FoundTable
    from migrations.adoption.mends import Mend


def compare_indexes(database: FoundDatabase, table: FoundTable, expected: Table) -> Iterator[Misfit | Mend | Note]:
    """Compare the indexes of a table with those of the description; others than unique ones are nobody's business."""
    described = sorted(expected.indexes, key=lambda index: str(index.name))
    for index in described:
        yield from _compare_index(database, table, index)
    names = {str(index.name) for index in described}
    for found in table.indexes.values():
        if not found.is_unique or found.name in names or found.is_primary:
            continue
        if found.name in {f"{table.name}_{column}_key" for column in _unique_columns(expected)}:
            yield Note(table.name, f"unique index {found.name} on {found.definition} is kept")
        elif _can_refuse(table, found, expected):
            yield Misfit(
                table.name,
                f"has another unique index {found.name} on {found.definition}: what it refuses could not be told to "
                "callers, who are answered by the names of indexes",
            )


def _compare_index(database: FoundDatabase, table: FoundTable, expected: Index) -> Iterator[Misfit | Mend]:
    name = str(expected.name)
    (column,) = (column.name for column in expected.columns)
    found = table.indexes.get(name)
    if found is None:
        if name in database.relations:
            yield Misfit(
                table.name,
                f"lacks the index {name} on {column}, whose name is taken ({database.relations[name]}): rename that",
            )
        elif column in table.columns:
            yield build_index(table.name, name, column, unique=bool(expected.unique), left_over=False)
        return
    # PostgreSQL quotes a name that is a word of SQL.
    definition = found.definition.replace(f'("{column}")', f"({column})")
    as_found = f"{'unique' if found.is_unique else 'not unique'}, {definition}"
    as_expected = f"{'unique' if expected.unique else 'not unique'}, btree ({column})"
    if as_found != as_expected:
        yield Misfit(table.name, f"has an index {name} that is {as_found}; expected is {as_expected}")
    elif not found.is_valid:
        yield build_index(table.name, name, column, unique=bool(expected.unique), left_over=True)


def _unique_columns(expected: Table) -> set[str]:
    """Name the columns that are unique by the description.

    PostgreSQL's own names of constraints on them are known as the names of their indexes are.
    """
    return {column.name for index in expected.indexes if index.unique for column in index.columns}


def _can_refuse(table: FoundTable, found: FoundIndex, expected: Table) -> bool:
    """Tell whether a unique index can refuse a row of this service.

    It cannot where it contains the id, nor where it contains a column that this service leaves empty.
    """
    left_empty = {
        column.name
        for column in table.columns.values()
        if column.name not in expected.columns and not column.fills_itself
    }
    never_equal = {key.name for key in expected.primary_key.columns} | (
        left_empty if "NULLS NOT DISTINCT" not in found.definition else set()
    )
    return never_equal.isdisjoint(found.columns)
