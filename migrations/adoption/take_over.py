"""Taking over the tables of an earlier service, up to the point where our own revisions can follow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from db.models import Base
from migrations.adoption.catalog import read_database, schema_of
from migrations.adoption.comparison import EARLIER_TABLES, OTHER_NAMES, compare
from migrations.adoption.mending import carry_out
from migrations.adoption.plan import COMMAND, earlier_version_of, plan, refusal
from migrations.adoption.rows import rows_in_the_way, with_counted_rows
from migrations.earlier_schema import EARLIER_SCHEMA
from migrations.errors import AdoptionDeclined, MisfitDatabase, UnmanagedDatabase
from migrations.locking import told_of_locks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from migrations.adoption.findings import Comparison
    from migrations.adoption.found import FoundDatabase

DESCRIBED_REVISION: Final = "71521c6321dc"
"""The revision of the earlier service that is described, and from which tables are taken over unasked."""

_NOTHING_CHANGED: Final = "Nothing was changed."


async def find_unmanaged(connection: AsyncConnection, *, adopting: bool) -> FoundDatabase | None:
    """Give what stands in a database without our version, None where no table bears a name of ours.

    Raises:
        LockUnavailable: somebody holds a table so that nobody can even look at it.
        UnmanagedDatabase: whoever wants to adopt means tables of another schema than the one we would work in.
    """
    async with told_of_locks(connection, _NOTHING_CHANGED):
        found = await read_database(connection, EARLIER_TABLES, OTHER_NAMES)
    if _tables_of_ours(found):
        return found
    if adopting and (elsewhere := await schema_of(connection, EARLIER_TABLES[0])):
        raise UnmanagedDatabase(
            f"The tables of the earlier service are in the schema {elsewhere}, and this account works in "
            f"{found.schema}. Nothing was changed. Put {elsewhere} first: "
            f"ALTER ROLE {found.account} SET search_path = {elsewhere}"
        )
    return None


async def take_over(
    connection: AsyncConnection,
    found: FoundDatabase,
    *,
    consent: Callable[[], bool] | None,
    following: Sequence[str],
    report: Callable[[str], None],
) -> None:
    """Make the tables of an earlier service what our revisions build on.

    Without `consent`, only tables that are at the revision described and have no column beyond it are taken over. With
    it, the revision does not matter and further columns stay; it is called when the plan has been reported, and says
    whether to go ahead. `following` are the titles of the revisions that will follow. The connection is outside of any
    transaction while it is asked, and afterwards.

    Raises:
        UnmanagedDatabase: it is not known what the tables are, and `consent` was not offered.
        MisfitDatabase: something does not fit; the message lists all of it.
        AdoptionDeclined: `consent` was not given.
        LockUnavailable, RowsCameMeanwhile: a mend did not succeed; those before it stay.
    """
    _refuse_unknown(found, adopting=consent is not None)
    report("Comparing the tables with what this service needs.")
    comparison = compare(found, adopting=consent is not None)
    async with told_of_locks(connection, _NOTHING_CHANGED):
        found = await with_counted_rows(connection, found)
        in_the_way = await rows_in_the_way(connection, found, comparison.mends, report)
    comparison = replace(comparison, misfits=(*comparison.misfits, *in_the_way))
    if comparison.misfits:
        raise MisfitDatabase(refusal(found, comparison.misfits, _advice(found, comparison)))
    report(plan(found, comparison, following))
    if consent is not None and not consent():
        raise AdoptionDeclined(_NOTHING_CHANGED)
    await carry_out(connection, comparison.mends, report)


def _tables_of_ours(found: FoundDatabase) -> list[str]:
    return sorted({*found.tables, *found.relations} & set(Base.metadata.tables))


def _refuse_unknown(found: FoundDatabase, *, adopting: bool) -> None:
    has = f"The database already has {', '.join(_tables_of_ours(found))}, but no revision of this service's own"
    if not found.tables:
        raise UnmanagedDatabase(
            f"{has}, nor any table of the earlier service: nobody knows what made these. Nothing was changed. "
            "Migrate an empty database, or one that this service or the earlier one made."
        )
    if not adopting and found.earlier_version != (DESCRIBED_REVISION,):
        raise UnmanagedDatabase(
            f"{has}: an earlier service made them, which {earlier_version_of(found)}. Tables at {DESCRIBED_REVISION} "
            f"are taken over by `migrate` itself; for others, `{COMMAND}` compares them with what this service needs, "
            "shows a plan and asks. Nothing was changed."
        )


def _advice(found: FoundDatabase, comparison: Comparison) -> str:
    tolerated = set(compare(found, adopting=False).misfits) - set(compare(found, adopting=True).misfits)
    if set(comparison.misfits) <= tolerated:
        return f"`{COMMAND}` can take them over as they are: it shows a plan and asks."
    advice = ["Once all of this is mended, run the same command again."]
    if _lacks_something(found):
        advice.append("Tables and columns that are missing come with later migrations of the earlier service's own.")
    if tolerated & set(comparison.misfits):
        advice.append(f"Columns that are not of that revision need not go: `{COMMAND}` keeps them.")
    return " ".join(advice)


def _lacks_something(found: FoundDatabase) -> bool:
    return any(
        table.name not in found.tables or set(table.columns.keys()) - found.tables[table.name].columns.keys()
        for table in EARLIER_SCHEMA.sorted_tables
    )
