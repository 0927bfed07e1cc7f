"""What a database consists of, as comparable values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_COLUMNS = """
    SELECT format('column %s.%s: %s%s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN ' not null' END, ' default ' || pg_get_expr(d.adbin, d.adrelid),
        CASE WHEN a.attidentity <> '' THEN ' identity ' || a.attidentity::text END,
        ' comment ' || col_description(c.oid, a.attnum))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
"""
_CONSTRAINTS = """
    SELECT format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
_INDEXES = """
    SELECT format('index %s%s', pg_get_indexdef(indexrelid), CASE WHEN NOT indisvalid THEN ' INVALID' END)
    FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace = 'public'::regnamespace
"""
# Not the version tables: what they hold is the subject of other tests.
_VERSION_TABLES = ("platform_config_alembic_version", "alembic_version")


async def catalog(engine: AsyncEngine) -> set[str]:
    """Describe each column, constraint and index in a line."""
    async with engine.connect() as connection:
        lines = {line for query in (_COLUMNS, _CONSTRAINTS, _INDEXES) for line in await connection.scalars(text(query))}
    return {line for line in lines if not any(table in line for table in _VERSION_TABLES)}


async def tables(engine: AsyncEngine) -> set[str]:
    """Name the tables."""
    async with engine.connect() as connection:
        names = await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        return set(names)
