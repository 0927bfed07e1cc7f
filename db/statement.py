"""Statements whose SQL is written once and run by the driver itself.

SQLAlchemy writes the SQL. To have it put together, looked up and run each time, with an object of the session for each
row, takes several times as long as PostgreSQL takes to answer; decisions 37 and 41 have the numbers.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, cast

import orjson
from sqlalchemy import ARRAY
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import dialect

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from sqlalchemy import ClauseElement
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

STATEMENTS_KEPT = 500
"""How many statements are kept: filters and orders make many, of which few are in use."""

_DIALECT = dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's own have no types there
_kept: OrderedDict[Hashable, Statement] = OrderedDict()


class Statement:
    """A statement as PostgreSQL gets it, with parameters that are named `bindparam`s."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=_DIALECT))
        self.sql = str(compiled)
        self._names = compiled.positiontup or []
        self._values = compiled.params
        self._conversions = {
            name: _write_jsonb if isinstance(compiled.binds[name].type, JSONB) else convert
            for name, convert in compiled._bind_processors.items()  # noqa: SLF001 - there is no public way to write a value as its type does
            if _is_converted(compiled.binds[name].type)
        }

    def arguments(self, parameters: Mapping[str, Any]) -> list[Any]:
        """Give the parameters as the driver takes them, in their order; constants of the statement are among them."""
        values = {**self._values, **parameters}
        conversions = self._conversions
        return [
            conversions[name](values[name]) if name in conversions else values[name]  # type: ignore[operator] # none of ours has a tuple as a parameter
            for name in self._names
        ]


def _is_converted(of_type: TypeEngine[Any]) -> bool:
    """Tell whether a value is written otherwise than it is: not arrays of what is written as it is, only copied."""
    if not isinstance(of_type, ARRAY):
        return True
    return of_type.item_type.dialect_impl(_DIALECT).bind_processor(_DIALECT) is not None


def _write_jsonb(value: Any) -> str:
    # In a tenth of the time. PostgreSQL keeps neither the blanks nor the escapes in which this differs from what
    # SQLAlchemy writes; columns of json would keep both.
    return orjson.dumps(value).decode()


def statement(shape: Hashable, write: Callable[[], ClauseElement]) -> Statement:
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
