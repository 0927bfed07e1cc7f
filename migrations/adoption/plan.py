"""What people are told: the plan, and the list of what does not fit."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from migrations.adoption.comparison import EARLIER_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrations.adoption.findings import Comparison, Misfit, Note
    from migrations.adoption.found import FoundDatabase, FoundTable
    from migrations.adoption.mends import Mend

COMMAND: Final = "python -m graphql_api migrate --adopt"
_DATABASE: Final = "the database"


def earlier_version_of(found: FoundDatabase) -> str:
    """Say where the earlier service is, after "the earlier service"."""
    match found.earlier_version:
        case None:
            return "has left no alembic_version that can be read"
        case ():
            return "has an empty alembic_version"
        case versions:
            return f"is at revision {', '.join(versions)} by its alembic_version"


def plan(found: FoundDatabase, comparison: Comparison, following: Sequence[str]) -> str:
    """Write what was found and what is going to happen; `following` are the titles of the revisions to come."""
    lines = [f"These tables were made by an earlier service, which {earlier_version_of(found)}:"]
    lines += [f"  {_size(found.tables[name])}" for name in EARLIER_TABLES]
    if comparison.notes:
        lines += ["Kept, though it is not of the revision that this service builds on:", *_listed(comparison.notes)]
    if comparison.mends:
        lines += ["To be mended, with no table rewritten or locked for long:", *_listed(comparison.mends)]
    else:
        lines += ["They are as this service needs them; nothing has to be mended."]
    if following:
        lines += ["Then these revisions follow:", *(f"  {title}" for title in following)]
    lines += ["No row, column or table of the earlier service is removed, and its alembic_version stays as it is."]
    return "\n".join(lines)


def refusal(found: FoundDatabase, misfits: Iterable[Misfit], advice: str) -> str:
    """Write why tables are not taken over, table by table."""
    begin = f"These tables were made by an earlier service, which {earlier_version_of(found)}. This does not fit:"
    return "\n".join([begin, *_listed(misfits), f"Nothing was changed. {advice}"])


def _listed(findings: Iterable[Misfit | Mend | Note]) -> Iterator[str]:
    places = ["", *EARLIER_TABLES]
    in_order = sorted(findings, key=lambda finding: places.index(finding.table))
    for table, of_table in groupby(in_order, key=lambda finding: finding.table):
        yield f"  {table or _DATABASE}:"
        yield from (f"    {finding.text}" for finding in of_table)


def _size(table: FoundTable) -> str:
    rows = "many rows" if table.rows is None else f"about {table.rows:,} row{'' if table.rows == 1 else 's'}"
    return f"{table.name}: {len(table.columns)} columns, {rows}"
