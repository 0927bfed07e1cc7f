"""Column types: how stored values become domain values at the edge of the database."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, DateTime
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime over a timestamp without zone that holds UTC, as the existing tables have it.

    The zone is put on where the connection reads: see db.moments.
    """

    impl = DateTime
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What the column gives."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Strip the zone after moving to UTC; a naive value is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored: give it a zone")
        return value.astimezone(UTC).replace(tzinfo=None)


class StoredJson(TypeDecorator[Any]):
    """JSON that others may have written: whatever it holds can be read.

    PostgreSQL's json keeps text as it came, with numbers of any length, nesting of any depth, and escapes that stand
    for no character. The last are left in, so that the merger can judge them.
    """

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:  # noqa: ARG002 - SQLAlchemy's signature
        """See representable()."""
        return representable(value)


def representable(value: Any) -> Any:
    """Give a value of JSON without numbers that are none, and without what lies deeper than anybody looks."""
    return _representable(value, _DEPTH_SHOWN)


def read_json(text: str) -> Any:
    """Read JSON of the database.

    What Python cannot read at all, such as absurd nesting, is read as an empty object, and so is a JSON null: None has
    to mean that the column itself is null.
    """
    try:
        value = _decoder.decode(text)
    except (ValueError, RecursionError):
        return {}
    return {} if value is None else value


_DIGITS_OF_EXACT_INTEGERS = 15
_DEPTH_SHOWN = 32


def _bounded_int(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS_OF_EXACT_INTEGERS else float(digits)


# Kept, since one is made for every text otherwise.
_decoder = json.JSONDecoder(parse_int=_bounded_int)


# Most values are of these.
_REPRESENTABLE = frozenset({str, int, bool, type(None)})


def _representable(value: Any, depth: int) -> Any:
    if depth == 0:
        return None
    if value.__class__ in _REPRESENTABLE:
        return value
    match value:
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [_representable(entry, depth - 1) for entry in value]
        case dict():
            return {key: _representable(entry, depth - 1) for key, entry in value.items()}
    return value
