"""What the rows say: how many there are, and whether some of them stand in the way of a mend."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from migrations.adoption.findings import Misfit
from migrations.adoption.found import ORDINARY_TABLE
from migrations.progress import signs_of_life

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from migrations.adoption.found import FoundDatabase, FoundTable
    from migrations.adoption.mends import Mend

_ROWS_WORTH_COUNTING: Final = 100_000


async def with_counted_rows(connection: AsyncConnection, found: FoundDatabase) -> FoundDatabase:
    """Count the rows of tables that PostgreSQL has no estimate of, unless they are many."""
    tables = dict(found.tables)
    for table in found.tables.values():
        if table.rows is None and _may_read(found, table.name):
            few = f"SELECT FROM {table.name} LIMIT {_ROWS_WORTH_COUNTING + 1}"
            rows = await connection.scalar(text(f"SELECT count(*) FROM ({few}) AS few"))  # noqa: S608 - a name of the description
            tables[table.name] = replace(table, rows=rows if rows <= _ROWS_WORTH_COUNTING else None)
    await connection.rollback()
    return replace(found, tables=tables)


async def rows_in_the_way(
    connection: AsyncConnection, found: FoundDatabase, mends: Iterable[Mend], report: Callable[[str], None]
) -> tuple[Misfit, ...]:
    """Find the rows that mends would fail on. Tables that the account may not read are left out."""
    misfits = []
    for mend in mends:
        obstacle = mend.obstacle
        if obstacle is None or not all(_may_read(found, table) for table in obstacle.tables):
            continue
        async with signs_of_life(report, f"looking through {mend.table}"):
            query = f"SELECT count(*) FROM ({obstacle.query}) AS obstacle"  # noqa: S608 - names of the description
            count = await connection.scalar(text(query))
        await connection.rollback()
        if count:
            text_of_all = f"has {obstacle.text} ({count:,}): {obstacle.advice}; to see them: {obstacle.query}"
            misfits.append(Misfit(mend.table, text_of_all))
    return tuple(misfits)


def _may_read(found: FoundDatabase, name: str) -> bool:
    table: FoundTable | None = found.tables.get(name)
    return table is not None and table.kind == ORDINARY_TABLE and table.may_alter
