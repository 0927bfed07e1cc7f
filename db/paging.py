"""Keyset pages: a page begins where the last one ended, whatever was inserted or deleted in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from sqlalchemy import BigInteger, Integer, Select, bindparam, tuple_

from db.moments import DistantMoment
from domain.text import is_nameable

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from sqlalchemy.orm import InstrumentedAttribute
    from sqlalchemy.types import TypeEngine

Row = TypeVar("Row")
Position = tuple[Any, ...]
"""The sort key of a row, one value for each column of the order."""


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: the columns, of which the last is unique, all in one direction."""

    columns: tuple[InstrumentedAttribute[Any], ...]
    descending: bool = False

    def write_position(self, row: Any) -> list[str | int]:
        """Give a row's place in this order, in values of JSON."""
        return [_to_json(getattr(row, column.key)) for column in self.columns]

    def read_position(self, values: Sequence[object]) -> Position:
        """Read what `write_position` gave.

        Raises:
            ValueError: it never gave this.
        """
        return tuple(_from_json(value, column.type) for value, column in zip(values, self.columns, strict=True))


class Page(NamedTuple):
    """Which rows: at most `size`, after and before the positions given.

    `backward` takes the last ones instead of the first; rows come in the order's direction in either case. It is part
    of the key by which each parent's page is loaded, and a tuple is hashed in a tenth of the time of a dataclass.
    """

    size: int
    after: Position | None = None
    before: Position | None = None
    backward: bool = False

    @property
    def shape(self) -> Hashable:
        """What of the page decides how a statement is cut; the rest of it is parameters of the statement."""
        return (
            self.after and tuple(map(type, self.after)),
            self.before and tuple(map(type, self.before)),
            self.backward,
        )


class Slice(NamedTuple, Generic[Row]):
    """The rows of a page, and whether there are more on either side.

    The side towards which the page runs is known by looking one row further. A cursor that was given stands for the row
    that it came from, which lies beyond the page.
    """

    rows: Sequence[Row]
    has_next: bool
    has_previous: bool


def cut(statement: Select[Any], order: Order, page: Page) -> Select[Any]:
    """Restrict a statement to a page and one row more."""
    columns = order.columns
    key = tuple_(*columns)
    for name, position, beyond in (
        ("after", page.after, not order.descending),
        ("before", page.before, order.descending),
    ):
        if position is not None:
            values = _named(name, position).items()
            bound = tuple_(*(bindparam(*value, column.type) for value, column in zip(values, columns, strict=True)))
            statement = statement.where(key > bound if beyond else key < bound)
    return statement.order_by(*sorting(columns, order, page)).limit(bindparam("rows", page.size + 1, Integer))


def page_parameters(page: Page) -> dict[str, Any]:
    """Give the parameters by which `cut` restricts a statement."""
    return {"rows": page.size + 1, **_named("after", page.after or ()), **_named("before", page.before or ())}


def _named(name: str, position: Position) -> dict[str, Any]:
    return {f"{name}_{number}": value for number, value in enumerate(position)}


def sorting(columns: Sequence[Any], order: Order, page: Page) -> list[Any]:
    """Sort by the columns as a page is read: in the order's direction, or against it where the page runs backward."""
    descending = order.descending is not page.backward
    return [column.desc() if descending else column.asc() for column in columns]


def slice_of(rows: Sequence[Row], page: Page) -> Slice[Row]:
    """Make a slice of the rows that `cut` let through."""
    more = len(rows) > page.size
    rows = rows[: page.size]
    if page.backward:
        return Slice(rows[::-1], has_next=page.before is not None, has_previous=more or page.after is not None)
    return Slice(rows, has_next=more or page.before is not None, has_previous=page.after is not None)


def _to_json(value: Any) -> str | int:
    if isinstance(value, DistantMoment):
        return value.microseconds
    return value.isoformat() if isinstance(value, datetime) else value


def _from_json(value: object, column_type: TypeEngine[Any]) -> object:
    expected = column_type.python_type
    if expected is datetime and isinstance(value, int):
        return DistantMoment.at(value)
    if expected is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is UTC:
            return moment
    elif expected is str and isinstance(value, str) and is_nameable(value):
        return value
    elif expected is int and isinstance(value, int) and not isinstance(value, bool):
        bits = 63 if isinstance(column_type, BigInteger) else 31
        if 0 <= value < 2**bits:
            return value
    raise ValueError("no value of this column")
