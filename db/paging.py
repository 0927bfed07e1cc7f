"""Keyset pages: a page begins where the last one ended, whatever was inserted or deleted in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import Select, literal, tuple_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import InstrumentedAttribute

Row = TypeVar("Row")
Position = tuple[Any, ...]
"""The sort key of a row, one value for each column of the order."""


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: the columns, of which the last is unique, all in one direction."""

    columns: tuple[InstrumentedAttribute[Any], ...]
    descending: bool = False

    def position(self, row: Any) -> Position:
        """Give a row's place in this order."""
        return tuple(getattr(row, column.key) for column in self.columns)


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows: at most `size`, after and before the positions given.

    `backward` takes the last ones instead of the first; rows come in the order's direction in either case.
    """

    size: int
    after: Position | None = None
    before: Position | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
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
    for position, beyond in ((page.after, not order.descending), (page.before, order.descending)):
        if position is not None:
            bound = tuple_(*(literal(value, column.type) for value, column in zip(position, columns, strict=True)))
            statement = statement.where(key > bound if beyond else key < bound)
    descending = order.descending is not page.backward
    return statement.order_by(*(column.desc() if descending else column.asc() for column in columns)).limit(
        page.size + 1
    )


def slice_of(rows: Sequence[Row], page: Page) -> Slice[Row]:
    """Make a slice of the rows that `cut` let through."""
    more = len(rows) > page.size
    rows = rows[: page.size]
    if page.backward:
        return Slice(rows[::-1], has_next=page.before is not None, has_previous=more or page.after is not None)
    return Slice(rows, has_next=more or page.before is not None, has_previous=page.after is not None)
