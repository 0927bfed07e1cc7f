"""Relay connections over keyset pages."""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from db.paging import Order, Page, Position, Slice
from schema.cost_directives import ListSize, cost
from schema.user_input import BadUserInput

PAGE_SIZE_DEFAULT = 20
PAGE_SIZE_MAXIMUM = 100

CURSOR_MAXIMUM_LENGTH = 8_000
"""What is longer is no cursor: 255 characters of a name, twelve letters each in JSON, take 4,200 in base 64."""

NodeType = TypeVar("NodeType")

PAGE = [
    cost(5),
    ListSize(assumed_size=PAGE_SIZE_DEFAULT, slicing_arguments=["first", "last"], sized_fields=["nodes", "edges"]),
]
"""The price of a connection that can be paged from either end."""

PAGE_FORWARD = [
    cost(5),
    ListSize(assumed_size=PAGE_SIZE_DEFAULT, slicing_arguments=["first"], sized_fields=["nodes", "edges"]),
]
"""The price of a connection that is paged from its beginning."""

First = Annotated[
    int | None,
    strawberry.argument(description="How many from the beginning, or after `after`: 0 to 100, 20 where left out."),
]
After = Annotated[str | None, strawberry.argument(description="The cursor after which the page begins.")]
Last = Annotated[
    int | None,
    strawberry.argument(description="How many from the end, or before `before`: 0 to 100. Not with `first`."),
]
Before = Annotated[str | None, strawberry.argument(description="The cursor before which the page ends.")]


@dataclass(frozen=True, slots=True)
class Ordering:
    """An order that clients page through. Cursors carry its name and are refused under another."""

    name: str
    order: Order

    def cursor(self, row: Any) -> str:
        """Write the cursor of a row."""
        text = json.dumps([self.name, *self.order.write_position(row)], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode()

    def position(self, cursor: str, argument: str) -> Position:
        """Read a cursor.

        Raises:
            BadUserInput: it is none of this API's, or belongs to another order.
        """
        not_ours = f"`{argument}` is not a cursor that this API gave out."
        if len(cursor) > CURSOR_MAXIMUM_LENGTH:
            raise BadUserInput(not_ours)
        try:
            name, *values = json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
            if name == self.name:
                return self.order.read_position(values)
        except (ValueError, TypeError, RecursionError):
            raise BadUserInput(not_ours) from None
        raise BadUserInput(f"`{argument}` is a cursor of another order; begin again without it.")


@strawberry.type(description="Where a page lies within the whole.")
class PageInfo:
    """Where a page lies within the whole."""

    has_next_page: bool = strawberry.field(description="Whether more follows this page.")
    has_previous_page: bool = strawberry.field(description="Whether something precedes this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first entry; null on an empty page.")
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last entry, to continue from with `after`; null on an empty page."
    )


@strawberry.type(description="An entry of a page with its cursor.")
class Edge(Generic[NodeType]):
    """An entry of a page with its cursor."""

    cursor: str = strawberry.field(description="Opaque; good as `after` and `before` under the same order.")
    node: NodeType = strawberry.field(description="The entry itself.")


@strawberry.type(description="A page of a list, and what is needed to go on.")
class Connection(Generic[NodeType]):
    """A page of a list."""

    nodes: list[NodeType] = strawberry.field(description="The entries of this page.")
    page: strawberry.Private[Slice[Any]]
    ordering: strawberry.Private[Ordering]
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="The entries of this page, each with its cursor.")
    def edges(self) -> list[Edge[NodeType]]:
        """Pair entries and cursors."""
        cursors = map(self.ordering.cursor, self.page.rows)
        return [Edge(cursor=cursor, node=node) for cursor, node in zip(cursors, self.nodes, strict=True)]

    @strawberry.field(description="Where this page lies within the whole.")
    def page_info(self) -> PageInfo:
        """Describe the page."""
        rows = self.page.rows
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=self.ordering.cursor(rows[0]) if rows else None,
            end_cursor=self.ordering.cursor(rows[-1]) if rows else None,
        )

    @strawberry.field(
        description="How many entries there are on all pages together. Counted only where this field is selected.",
        directives=[cost(5)],
    )
    async def total_count(self) -> int:
        """Count the whole."""
        return await self.count()


def connection(
    page: Slice[Any], ordering: Ordering, node: Callable[[Any], NodeType], count: Callable[[], Awaitable[int]]
) -> Connection[NodeType]:
    """Make a connection of a page of rows. `node` makes the entry of a row, `count` counts the whole when asked to."""
    # A page of parents has as many: see schema.node.Node.
    made: Connection[NodeType] = Connection.__new__(Connection)
    made.nodes = [node(row) for row in page.rows]
    made.page = page
    made.ordering = ordering
    made.count = count
    return made


def requested_page(
    ordering: Ordering,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page:
    """Read a connection's arguments.

    Raises:
        BadUserInput: a size out of bounds, both sizes at once, or a cursor that does not belong here.
    """
    # Asked for every parent of a page: a call of or_none() for each would take a third of it.
    first = None if first is strawberry.UNSET else first
    after = None if after is strawberry.UNSET else after
    last = None if last is strawberry.UNSET else last
    before = None if before is strawberry.UNSET else before
    if first is not None and last is not None:
        raise BadUserInput("`first` and `last` cannot be combined: a page is taken from one end.")
    argument, size = ("first", first) if last is None else ("last", last)
    if size is None:
        size = PAGE_SIZE_DEFAULT
    elif not 0 <= size <= PAGE_SIZE_MAXIMUM:
        raise BadUserInput(f"`{argument}` has to be 0 to {PAGE_SIZE_MAXIMUM}, not {size}.")
    return Page(
        size,
        None if after is None else ordering.position(after, "after"),
        None if before is None else ordering.position(before, "before"),
        last is not None,
    )
