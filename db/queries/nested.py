"""One statement for the same page of many parents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ARRAY, BigInteger, Select, cast, func, select, true
from sqlalchemy.orm import aliased

from db.paging import Order, Page, Slice, cut, slice_of, sorting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from sqlalchemy import ColumnElement, FromClause

    from db.database import ReadSession

Entity = TypeVar("Entity")
Row = TypeVar("Row")

if TYPE_CHECKING:
    Read = Callable[[ReadSession, Select[Any], FromClause], Awaitable[Iterable[tuple[int, Row]]]]


def entities(entity: type[Entity]) -> Read[Entity]:
    """Read rows as entities."""

    async def read(session: ReadSession, statement: Select[Any], rows: FromClause) -> Iterable[tuple[int, Entity]]:
        found = await session.execute(statement.add_columns(aliased(entity, rows)))
        return [(parent_id, row) for parent_id, row in found]

    return read


async def pages_by_parent(
    session: ReadSession,
    *,
    of_parent: Callable[[ColumnElement[int]], Select[Any]],
    parent_ids: Sequence[int],
    order: Order,
    page: Page,
    read: Read[Row],
) -> dict[int, Slice[Row]]:
    """Read one page of rows for each parent, in one statement.

    `read` adds to a statement of the parents' ids what is wanted of these rows, and executes it: entities() or another.
    `of_parent` gives the statement for the rows of one parent, whose id it gets as an expression: PostgreSQL runs it
    once for each parent (LATERAL), so the cost follows the rows shown and not the rows there are.
    """
    parents = func.unnest(cast(parent_ids, ARRAY(BigInteger))).table_valued("id", name="parent").render_derived()
    rows_of_parent = cut(of_parent(parents.c.id), order, page).lateral("page")
    keys = [rows_of_parent.c[column.key] for column in order.columns]
    statement = (
        select(parents.c.id).select_from(parents).join(rows_of_parent, true()).order_by(*sorting(keys, order, page))
    )
    rows: dict[int, list[Row]] = {parent_id: [] for parent_id in parent_ids}
    for parent_id, child in await read(session, statement, rows_of_parent):
        rows[parent_id].append(child)
    return {parent_id: slice_of(children, page) for parent_id, children in rows.items()}
