"""Comparing what was found with the description of the earlier service's tables. Nothing here talks to a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import CheckConstraint

from db.models import Base
from migrations.adoption.columns import compare_column, compare_unknown_column, left_over_checks
from migrations.adoption.findings import Comparison, Misfit, Note
from migrations.adoption.foreign_keys import compare_foreign_keys
from migrations.adoption.found import ORDINARY_TABLE
from migrations.adoption.indexes import compare_indexes
from migrations.adoption.mends import CHECK_PREFIX, Mend
from migrations.earlier_schema import EARLIER_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Table

    from migrations.adoption.found import FoundDatabase, FoundTable

EARLIER_TABLES: Final = tuple(table.name for table in EARLIER_SCHEMA.sorted_tables)

_EARLIER_INDEXES: Final = frozenset(
    str(index.name) for table in EARLIER_SCHEMA.sorted_tables for index in table.indexes
)
_ADDED_TABLES: Final = frozenset(Base.metadata.tables) - set(EARLIER_TABLES)
_ADDED_INDEXES: Final = (
    frozenset(str(index.name) for table in Base.metadata.sorted_tables for index in table.indexes) - _EARLIER_INDEXES
)

OTHER_NAMES: Final = _ADDED_TABLES | _EARLIER_INDEXES | _ADDED_INDEXES
"""Names of relations, beside those of the tables, that have to be free or what they say."""

Finding = Misfit | Mend | Note


def compare(found: FoundDatabase, *, adopting: bool) -> Comparison:
    """Compare a database with the description.

    A column that the description lacks is a misfit, unless `adopting`: a later revision of the earlier service may have
    added it, and it stays if rows of this service can do without.
    """
    findings = [*_of_database(found)]
    for name in EARLIER_TABLES:
        findings += _of_table(found, EARLIER_SCHEMA.tables[name], adopting=adopting)
    return Comparison(
        misfits=tuple(finding for finding in findings if isinstance(finding, Misfit)),
        mends=tuple(finding for finding in findings if isinstance(finding, Mend)),
        notes=tuple(finding for finding in findings if isinstance(finding, Note)),
    )


def _of_database(found: FoundDatabase) -> Iterator[Finding]:
    if not found.may_create:
        yield Misfit(
            "",
            f"does not let the account {found.account} create tables in the schema {found.schema or '(none)'}: "
            f"GRANT CREATE ON SCHEMA … TO {found.account}",
        )
    for name in sorted(_ADDED_TABLES | _ADDED_INDEXES):
        if name in found.relations:
            yield Misfit(
                "", f"has something named {name} ({found.relations[name]}), which this service makes itself: rename it"
            )


def _of_table(found: FoundDatabase, expected: Table, *, adopting: bool) -> Iterator[Finding]:
    table = found.tables.get(expected.name)
    if table is None:
        yield Misfit(expected.name, "is missing")
        return
    if table.kind != ORDINARY_TABLE:
        yield Misfit(table.name, f"is of the kind {table.kind}, and has to be an ordinary table")
        return
    if not table.may_alter:
        yield Misfit(
            table.name,
            f"belongs to {table.owner}, so that {found.account} may not change it: migrate as {table.owner}, or "
            f"GRANT {table.owner} TO {found.account}",
        )
    for column in expected.columns:
        yield from compare_column(table, column)
    for unknown in table.columns.values():
        if unknown.name not in expected.columns:
            yield compare_unknown_column(table.name, unknown, adopting=adopting)
    yield from compare_indexes(found, table, expected)
    yield from compare_foreign_keys(found, table, expected, adopting=adopting)
    yield from _of_other_rules(table)


def _of_other_rules(table: FoundTable) -> Iterator[Finding]:
    yield from left_over_checks(table)
    constraints = Base.metadata.tables[table.name].constraints
    ours = {str(constraint.name) for constraint in constraints if isinstance(constraint, CheckConstraint)}
    checks = [name for name in table.checks if not name.startswith(CHECK_PREFIX)]
    for name in checks:
        if name in ours:
            yield Misfit(table.name, f"has a constraint {name}, a name that this service needs: rename it")
    kept = [f"check constraint {name}" for name in checks if name not in ours]
    for rule in (*kept, *table.others):
        yield Note(table.name, f"{rule} is kept and applies to what this service writes, too")
