"""Column types: how stored values become domain values at the edge of the database."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, DateTime, String
from sqlalchemy.types import TypeDecorator

from domain.platform import PlatformType

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime over a timestamp without zone that holds UTC, as the existing tables have it."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Strip the zone after moving to UTC; a naive value is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored: give it a zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Add the zone that the column leaves out."""
        return None if value is None else value.replace(tzinfo=UTC)


class StoredJson(TypeDecorator[Any]):
    """JSON that others may have written: whatever it holds can be read, and shown as JSON again.

    PostgreSQL's json keeps text as it came: numbers of any length, and escapes that stand for no character.
    """

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Replace what JSON cannot be made of again."""
        return _representable(value)


def read_json(text: str) -> Any:
    """Read JSON of the database. What Python cannot read at all, such as absurd nesting, is read as an empty object."""
    try:
        return json.loads(text, parse_int=_bounded_int)
    except (ValueError, RecursionError):
        return {}


_DIGITS_OF_EXACT_INTEGERS = 15


def _bounded_int(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS_OF_EXACT_INTEGERS else float(digits)


def _representable(value: Any) -> Any:
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [_representable(entry) for entry in value]
        case dict():
            return {_representable(key): _representable(entry) for key, entry in value.items()}
    return value


class StoredPlatformType(TypeDecorator[PlatformType]):
    """A platform type over the text that is stored.

    Text that names no type is read as private: a read never fails, and private is the type that asks for a key.
    """

    impl = String(50)
    cache_ok = True

    def process_bind_param(self, value: PlatformType | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Store the type's value."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> PlatformType | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Find the type of a stored value."""
        if value is None:
            return None
        try:
            return PlatformType(value)
        except ValueError:
            return PlatformType.PRIVATE
