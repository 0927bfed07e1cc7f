"""Reads whose SQL is written once and run by the driver itself.

SQLAlchemy writes the SQL. To have it put together, looked up and run for each read, with an object of the session for
each row, takes several times as long as PostgreSQL takes to answer; decision 37 has the numbers.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import ARRAY
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.util import greenlet_spawn

from db.errors import failure_of_statement, is_end_of_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from sqlalchemy import SelectBase
    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.pool import PoolProxiedConnection
    from sqlalchemy.types import TypeEngine

STATEMENTS_KEPT = 500
"""How many statements are kept: filters and orders make many, of which few are in use."""

_DIALECT = dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's own have no types there
_kept: OrderedDict[Hashable, Statement] = OrderedDict()


class Statement:
    """A SELECT as PostgreSQL gets it, with parameters that are named `bindparam`s."""

    def __init__(self, select: SelectBase) -> None:
        compiled = select.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self._names = compiled.positiontup or []
        self._values = compiled.params
        self._conversions = {
            name: convert
            for name, convert in compiled._bind_processors.items()  # noqa: SLF001 - there is no public way to write a value as its type does
            if _is_converted(compiled.binds[name].type)
        }

    async def rows(self, engine: AsyncEngine, parameters: Mapping[str, Any]) -> list[Any]:
        """Run it, outside of any transaction, and give its rows as the driver does.

        Raises:
            DatabaseUnavailable: the database cannot serve.
            StatementFailed: it refuses the statement.
        """
        pooled = await _connection(engine)
        try:
            connection: asyncpg.Connection = pooled.driver_connection
            rows: list[Any] = await connection.fetch(self.sql, *self._arguments(parameters))
        except BaseException as error:
            if is_end_of_connection(error):
                # As SQLAlchemy does for its own statements: those that are as old have most likely ended too.
                await greenlet_spawn(engine.pool._invalidate, pooled, error)  # noqa: SLF001 - there is no public way
            elif not isinstance(error, asyncpg.PostgresError):
                await greenlet_spawn(pooled.invalidate, error)
            if isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError | asyncpg.InternalClientError):
                # What the driver says of a parameter that it cannot write quotes it.
                raise failure_of_statement(error) from (None if isinstance(error, ValueError) else error)
            raise
        finally:
            # Nothing is asked of the database: there is no transaction to end.
            pooled.close()
        return rows

    def _arguments(self, parameters: Mapping[str, Any]) -> list[Any]:
        """Give the parameters as the driver takes them, in their order; constants of the statement are among them."""
        values = {**self._values, **parameters}
        conversions = self._conversions
        return [
            conversions[name](values[name]) if name in conversions else values[name]  # type: ignore[operator] # a SELECT has no tuples of them
            for name in self._names
        ]


def _is_converted(of_type: TypeEngine[Any]) -> bool:
    """Tell whether a value is written otherwise than it is: not arrays of what is written as it is, only copied."""
    if not isinstance(of_type, ARRAY):
        return True
    return of_type.item_type.dialect_impl(_DIALECT).bind_processor(_DIALECT) is not None


async def _connection(engine: AsyncEngine) -> PoolProxiedConnection:
    """Take a connection of the pool.

    One that is idle is at hand, without the two changes of greenlet in which SQLAlchemy would wait for it. If it turns
    out to be of no use, it has to be made anew, which takes waiting.
    """
    if engine.pool.checkedin():  # type: ignore[attr-defined] # the pool is one with a queue
        with suppress(MissingGreenlet):
            return engine.sync_engine.raw_connection()
    return await engine.raw_connection()


def statement(shape: Hashable, write: Callable[[], SelectBase]) -> Statement:
    """Give the statement of a shape, written when it is first asked for.

    `shape` says all that `write` depends on; what it does not say has to be a parameter.
    """
    if (found := _kept.get(shape)) is not None:
        _kept.move_to_end(shape)
        return found
    found = _kept[shape] = Statement(write())
    if len(_kept) > STATEMENTS_KEPT:
        _kept.popitem(last=False)
    return found
