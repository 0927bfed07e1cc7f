"""Scalars beyond those of the specification."""

from datetime import UTC, datetime
from typing import Any

import strawberry
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition


def serialize_datetime(value: datetime) -> str:
    """Write an aware time as RFC 3339 in UTC, ending in Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_datetime(value: object) -> datetime:
    """Read an RFC 3339 time; one without an offset names no moment and is refused."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None and len(value) > len("2026-01-31"):
            try:
                return moment.astimezone(UTC)
            except OverflowError:
                pass
    raise StrawberryInputCoercionError(
        'A DateTime has to look like "2026-01-31T12:00:00Z", with a time and an offset from UTC.'
    )


SCALARS: dict[Any, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description='A moment, as RFC 3339 text in UTC: "2026-01-31T12:00:00Z". An input may carry any offset.',
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=serialize_datetime,
        parse_value=parse_datetime,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value: what it is depends on the setting that it belongs to.",
        specified_by_url="https://ecma-international.org/publications-and-standards/standards/ecma-404/",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
}
