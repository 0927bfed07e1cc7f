"""Comparing foreign keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrations.adoption.columns import postgresql_name
from migrations.adoption.findings import Misfit, Note
from migrations.adoption.found import ORDINARY_TABLE
from migrations.adoption.mends import add_foreign_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ForeignKey, Table

    from migrations.adoption.found import FoundDatabase, FoundTable
    from migrations.adoption.mends import Mend


def compare_foreign_keys(
    database: FoundDatabase, table: FoundTable, expected: Table, *, adopting: bool
) -> Iterator[Misfit | Mend | Note]:
    """Compare the foreign keys of a table with those of the description, whatever they are called."""
    for key in sorted(expected.foreign_keys, key=lambda key: key.parent.name):
        yield from _compare_foreign_key(database, table, key, adopting=adopting)
    wanted: dict[tuple[str, ...], str] = {(key.parent.name,): key.column.table.name for key in expected.foreign_keys}
    for found in table.foreign_keys:
        into = f"{found.target} ({', '.join(found.target_columns)})"
        if wanted.get(found.columns) == found.target and found.target_columns == ("id",):
            continue
        if set(found.columns) & set(expected.columns.keys()):
            yield Misfit(
                table.name,
                f"has a foreign key {found.name} from {', '.join(found.columns)} to {into}, which rows of this "
                "service would not satisfy",
            )


def _compare_foreign_key(
    database: FoundDatabase, table: FoundTable, expected: ForeignKey, *, adopting: bool
) -> Iterator[Misfit | Mend | Note]:
    column, target = expected.parent.name, expected.column.table.name
    name = f"{table.name}_{column}_fkey"
    candidates = [
        found
        for found in table.foreign_keys
        if (found.columns, found.target, found.target_columns) == ((column,), target, ("id",))
    ]
    for found in candidates:
        if found.actions:
            text = f"foreign key {found.name} from {column} to {target} acts by itself ({found.actions.lower()})"
            yield Note(table.name, f"{text} and is kept so") if adopting else Misfit(table.name, text)
        if not found.is_validated:
            yield add_foreign_key(table.name, column, target, found.name, exists=True)
    if candidates or not _can_refer(database, table, expected):
        return
    if name in table.constraint_names:
        yield Misfit(
            table.name, f"lacks the foreign key from {column} to {target}, whose name {name} is taken: rename that"
        )
    else:
        yield add_foreign_key(table.name, column, target, name, exists=False)


def _can_refer(database: FoundDatabase, table: FoundTable, expected: ForeignKey) -> bool:
    """Tell whether both ends are there, and of the type expected; what is wrong with them is found elsewhere."""
    target = database.tables.get(expected.column.table.name)
    if target is None or target.kind != ORDINARY_TABLE:
        return False
    wanted = postgresql_name(expected.parent.type)
    ends = (table.columns.get(expected.parent.name), target.columns.get(expected.column.name))
    return all(end is not None and end.type == wanted for end in ends)
