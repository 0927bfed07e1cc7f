"""Reading what a database holds from PostgreSQL's catalog. Nothing is changed, and no row of the tables is read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.errors import sqlstate
from migrations.adoption.found import (
    ORDINARY_TABLE,
    FoundColumn,
    FoundDatabase,
    FoundForeignKey,
    FoundIndex,
    FoundTable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import TextClause
    from sqlalchemy.ext.asyncio import AsyncConnection

Built = TypeVar("Built")

_IN_SCHEMA: Final = "c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
_OF_TABLES: Final = f"{_IN_SCHEMA} AND c.relkind = 'r' AND c.relname = ANY(CAST(:names AS text[]))"

_DATABASE = text(
    "SELECT coalesce(current_schema(), ''), current_user,"
    " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"
)
_EARLIER_VERSION = text("SELECT version_num::text FROM alembic_version ORDER BY 1")
_VERSION_TABLE_EXISTS = text(
    f"SELECT EXISTS (SELECT FROM pg_class c WHERE {_IN_SCHEMA} AND c.relname = 'alembic_version')"  # noqa: S608 - text from here
)
_RELATIONS = text(
    f"""
    SELECT c.relname,
        CASE WHEN c.relispartition THEN 'partition'
            WHEN c.relkind = 'r' AND c.relpersistence = 'u' THEN 'unlogged table'
            ELSE c.relkind::text END AS kind,
        pg_get_userbyid(c.relowner) AS owner, pg_has_role(c.relowner, 'USAGE') AS may_alter,
        CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS rows,
        (SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = c.oid) AS index_of
    FROM pg_class c WHERE {_IN_SCHEMA} AND c.relname = ANY(CAST(:names AS text[]))
    """  # noqa: S608 - text from here
)
_COLUMNS = text(
    f"""
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
        CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
        a.attidentity <> '', a.attgenerated <> ''
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE {_OF_TABLES} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum
    """  # noqa: S608 - text from here
)
# How full an index's pages are, which follows WITH, is its owner's affair.
_INDEXES = text(
    rf"""
    SELECT c.relname, i.relname,
        ARRAY(SELECT coalesce(a.attname::text, '')
            FROM unnest(x.indkey::smallint[]) WITH ORDINALITY AS k (number, place)
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
            WHERE place <= x.indnkeyatts ORDER BY place),
        regexp_replace(regexp_replace(pg_get_indexdef(i.oid), '^.*? USING ', ''), ' WITH \([^)]*\)', ''),
        x.indisunique, x.indisprimary, x.indisvalid
    FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
    WHERE {_OF_TABLES} ORDER BY c.relname, i.relname
    """  # noqa: S608 - text from here
)
_CONSTRAINTS = text(
    f"""
    SELECT c.relname, k.conname, k.contype::text AS kind, k.convalidated AS is_validated,
        ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS n (number, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n.number ORDER BY place) AS columns,
        CASE WHEN t.relnamespace = c.relnamespace THEN t.relname ELSE t.oid::regclass::text END AS target,
        ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS n (number, place)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = n.number ORDER BY place) AS target_columns,
        coalesce(substring(replace(pg_get_constraintdef(k.oid), ' NOT VALID', '') FROM ' ON [UD][A-Z ]*[A-Z]'), '')
            AS actions
    FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid LEFT JOIN pg_class t ON t.oid = k.confrelid
    WHERE {_OF_TABLES} AND k.contype IN ('f', 'c', 'x') ORDER BY c.relname, k.conname
    """  # noqa: S608 - text from here
)
_TRIGGERS = text(
    f"SELECT c.relname, g.tgname FROM pg_class c JOIN pg_trigger g ON g.tgrelid = c.oid"  # noqa: S608 - text from here
    f" WHERE {_OF_TABLES} AND NOT g.tgisinternal ORDER BY 1, 2"
)

_ELSEWHERE: Final = text(
    "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(:name)"
)

_KINDS: Final = {
    "r": ORDINARY_TABLE,
    "p": "partitioned table",
    "v": "view",
    "m": "materialized view",
    "f": "foreign table",
    "S": "sequence",
    "i": "index",
    "I": "index",
    "c": "composite type",
}
_NO_SUCH_COLUMN: Final = "42703"
_NOT_PERMITTED: Final = "42501"


async def read_database(
    connection: AsyncConnection, table_names: Collection[str], other_names: Collection[str]
) -> FoundDatabase:
    """Read what stands in the current schema under the names of the wanted tables, and under further names.

    The connection may be in a transaction afterwards.
    """
    schema, account, may_create = (await connection.execute(_DATABASE)).one()
    names = {"names": sorted(table_names)}
    found = (await connection.execute(_RELATIONS, {"names": sorted({*table_names, *other_names})})).all()
    columns = await _by_table(connection, _COLUMNS, names, lambda row: FoundColumn(*row[1:]))
    indexes = await _by_table(
        connection, _INDEXES, names, lambda row: FoundIndex(row[1], tuple(row[2]), row[3], *row[4:])
    )
    constraints = await _by_table(connection, _CONSTRAINTS, names, lambda row: row)
    triggers = await _by_table(connection, _TRIGGERS, names, lambda row: f"trigger {row[1]}")
    tables = {
        row.relname: FoundTable(
            name=row.relname,
            kind=_KINDS.get(row.kind, row.kind),
            owner=row.owner,
            may_alter=row.may_alter,
            rows=row.rows,
            columns={column.name: column for column in columns[row.relname]},
            indexes={index.name: index for index in indexes[row.relname]},
            foreign_keys=tuple(_foreign_key(key) for key in constraints[row.relname] if key.kind == "f"),
            checks={check.conname: check.is_validated for check in constraints[row.relname] if check.kind == "c"},
            others=(
                *(f"exclusion constraint {other.conname}" for other in constraints[row.relname] if other.kind == "x"),
                *triggers[row.relname],
            ),
        )
        for row in found
        if row.relname in table_names
    }
    relations = {
        row.relname: f"index of {row.index_of}" if row.index_of else _KINDS.get(row.kind, row.kind)
        for row in found
        if row.relname not in table_names
    }
    return FoundDatabase(schema, account, may_create, await read_earlier_version(connection), tables, relations)


async def schema_of(connection: AsyncConnection, name: str) -> str | None:
    """Name the schema where a table is found that is not in the current one, None where there is none."""
    schema: str | None = await connection.scalar(_ELSEWHERE, {"name": name})
    await connection.rollback()
    return schema


async def read_earlier_version(connection: AsyncConnection) -> tuple[str, ...] | None:
    """Read what `alembic_version` says, None where there is no such table or it cannot be read.

    Whatever transaction the connection is in is rolled back.
    """
    try:
        if not await connection.scalar(_VERSION_TABLE_EXISTS):
            return None
        return tuple(await connection.scalars(_EARLIER_VERSION))
    except DBAPIError as error:
        if sqlstate(error) in (_NO_SUCH_COLUMN, _NOT_PERMITTED):
            return None
        raise
    finally:
        await connection.rollback()


def _foreign_key(row: Any) -> FoundForeignKey:
    return FoundForeignKey(
        row.conname, tuple(row.columns), row.target, tuple(row.target_columns), row.actions.strip(), row.is_validated
    )


async def _by_table(
    connection: AsyncConnection,
    query: TextClause,
    names: Mapping[str, Sequence[str]],
    build: Callable[[Any], Built],
) -> Mapping[str, list[Built]]:
    """Build something from each row of a query, gathered by the table that the row begins with."""
    built: defaultdict[str, list[Built]] = defaultdict(list)
    for row in await connection.execute(query, names):
        built[row[0]].append(build(row))
    return built
