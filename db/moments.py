"""Moments that PostgreSQL can hold and Python cannot: before the year 1, after the year 9999, and infinity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import asyncpg

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LARGEST = 2**63 - 1

_MOMENTS_SHARED = 10_000
"""They take 2 MB."""


class DistantMoment(datetime):
    """Shown as the nearest moment that Python has, and still the one that is stored: its place in an order is exact."""

    microseconds: int
    """Since the beginning of 2000, as PostgreSQL counts; the largest and the smallest stand for infinity."""

    @classmethod
    def at(cls, microseconds: int) -> Self:
        """Make the moment so many microseconds after the beginning of 2000.

        Raises:
            ValueError: Python can hold that moment, or PostgreSQL cannot.
        """
        if _within_python(microseconds) or not -_LARGEST - 1 <= microseconds <= _LARGEST:
            raise ValueError("no distant moment")
        nearest = datetime.max if microseconds > 0 else datetime.min  # noqa: DTZ901 - the zone is given below
        moment = cls.combine(nearest.date(), nearest.time(), tzinfo=UTC)
        moment.microseconds = microseconds
        return moment

    def replace(self, *values: Any, **changes: Any) -> Self:
        """Replace parts, of which only the zone makes sense."""
        moment = super().replace(*values, **changes)
        moment.microseconds = self.microseconds
        return moment


def _within_python(microseconds: int) -> bool:
    try:
        _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return False
    return True


async def read_any_moment(connection: asyncpg.Connection) -> None:
    """Have a connection read and write every moment; one such row would fail the list that holds it.

    Timestamps without zone are written without one, and read as the UTC that they hold.
    """
    for name, encode in (("timestamp", _encode_naive), ("timestamptz", _encode)):
        await connection.set_type_codec(name, schema="pg_catalog", format="tuple", encoder=encode, decoder=_decode)


def _encode(moment: datetime) -> tuple[int]:
    if isinstance(moment, DistantMoment):
        return (moment.microseconds,)
    return ((moment - _EPOCH) // timedelta(microseconds=1),)


def _encode_naive(moment: datetime) -> tuple[int]:
    return _encode(moment.replace(tzinfo=UTC))


# What follows is called for each moment of each row, and most rows that are read were read before. Neither numbers nor
# moments are looked through for cycles; the entries of functools.lru_cache are, which takes longer than it spares.
_shared: dict[int, datetime] = {}


def _decode(stored: tuple[int]) -> datetime:
    moment = _shared.get(stored[0])
    if moment is None:
        if len(_shared) >= _MOMENTS_SHARED:
            _shared.clear()
        moment = _shared[stored[0]] = _moment(stored[0])
    return moment


def _moment(microseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(0, 0, microseconds)
    except OverflowError:
        return DistantMoment.at(microseconds)
