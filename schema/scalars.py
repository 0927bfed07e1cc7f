"""Scalars beyond those of the specification."""

import re
from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import StringValueNode, ValueNode
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from domain.text import storable

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)


def serialize_datetime(value: datetime) -> str:
    """Write an aware time as RFC 3339 in UTC, ending in Z."""
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return f"{value.isoformat()[:-6]}Z"


def parse_datetime(value: object, node: ValueNode | None = None) -> datetime:
    """Read an RFC 3339 time; one without an offset names no moment and is refused.

    Raises:
        StrawberryInputCoercionError: it is no moment; with the place of `node`, where it stands in a document.
    """
    if isinstance(value, str) and _RFC_3339.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise StrawberryInputCoercionError(
        'A DateTime has to look like "2026-01-31T12:00:00Z": a day of the years 0001 to 9999 by UTC, a time up to '
        "23:59:59 with at most 9 digits of fractions, and an offset from UTC.",
        node,
    )


def parse_datetime_literal(node: ValueNode, _variables: object = None) -> datetime:
    """Read an RFC 3339 time that stands in a document, as parse_datetime() does."""
    return parse_datetime(node.value if isinstance(node, StringValueNode) else None, node)


BigInt = NewType("BigInt", int)
"""A whole number beyond 32 bits."""

_LARGEST_INT = 2**31 - 1
_LARGEST_BIGINT = 2**53 - 1


def as_int(count: int) -> int:
    """Give a count as an Int can hold it: no sum of rows, however absurd they are, may fail a response."""
    return max(-_LARGEST_INT, min(count, _LARGEST_INT))


def as_big_int(count: int) -> BigInt:
    """Give a count as a BigInt can hold it, see as_int()."""
    return BigInt(max(-_LARGEST_BIGINT, min(count, _LARGEST_BIGINT)))


SCALARS: dict[Any, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of up to 53 bits, as a JSON number.",
        specified_by_url="https://ecma-international.org/publications-and-standards/standards/ecma-404/",
        serialize=int,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description='A moment, as RFC 3339 text in UTC: "2026-01-31T12:00:00Z". An input may carry any offset.',
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=serialize_datetime,
        parse_value=parse_datetime,
        parse_literal=parse_datetime_literal,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value: what it is depends on the setting that it belongs to.",
        specified_by_url="https://ecma-international.org/publications-and-standards/standards/ecma-404/",
        # What is stored may hold what no response can.
        serialize=storable,
        parse_value=lambda value: value,
    ),
}
