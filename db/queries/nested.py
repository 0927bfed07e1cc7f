"""One statement for the same page of many parents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ARRAY, BigInteger, Select, bindparam, func, select, true

from db.paging import Order, Page, Slice, cut, slice_of, sorting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import ColumnElement, FromClause

Row = TypeVar("Row")


def pages_of_parents(
    of_parent: Callable[[ColumnElement[int]], Select[Any]],
    order: Order,
    page: Page,
    columns: Callable[[FromClause], Iterable[ColumnElement[Any]]] = lambda rows: rows.c,
) -> Select[Any]:
    """Write the statement that reads one page of rows for each parent: the parent's id, then `columns` of the row.

    Its parameters are `parents`, the ids, and those of the page. `of_parent` gives the statement for the rows of one
    parent, whose id it gets as an expression: PostgreSQL runs it once for each parent (LATERAL), so the cost follows
    the rows shown and not the rows there are.
    """
    ids = bindparam("parents", type_=ARRAY(BigInteger))
    parents = func.unnest(ids).table_valued("id", name="parent").render_derived()
    rows = cut(of_parent(parents.c.id), order, page).lateral("page")
    keys = [rows.c[column.key] for column in order.columns]
    return (
        select(parents.c.id, *columns(rows))
        .select_from(parents)
        .join(rows, true())
        .order_by(*sorting(keys, order, page))
    )


def slices_of_parents(parent_ids: Sequence[int], found: Iterable[tuple[int, Row]], page: Page) -> dict[int, Slice[Row]]:
    """Give each parent its page of what such a statement found."""
    rows: dict[int, list[Row]] = {parent_id: [] for parent_id in parent_ids}
    for parent_id, row in found:
        rows[parent_id].append(row)
    return {parent_id: slice_of(of_parent, page) for parent_id, of_parent in rows.items()}
