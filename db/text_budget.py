"""How much text of messages one request may read: the database never sends more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, FromClause, bindparam, case, func

from db.statement import Statement

if TYPE_CHECKING:
    from datetime import datetime

    from db.database import Database


LONG: Final = 20_000
"""How many bytes a message has to have to be called long: few have."""


_SIZE: Final = itemgetter(1)


class TooMuchText(Exception):
    """The messages asked for hold more text than may be read."""


Columns = Callable[[FromClause], list[ColumnElement[Any]]]
"""What is selected of messages, after the number to which each belongs."""

StatementOfMessages = Callable[[Columns], Statement]
"""Gives the statement that selects these columns."""


class StoredMessage(NamedTuple):
    """What is read of a message."""

    id: int
    role: str
    created_at: datetime
    cleared_at: datetime | None
    content: str


def with_text_within(messages: FromClause) -> list[ColumnElement[Any]]:
    """Select messages with how much text they have together, and with their text unless that is more than is left."""
    total = func.sum(func.octet_length(messages.c.content)).over()
    return _columns(messages, total, "text_left")


def with_short_text(messages: FromClause) -> list[ColumnElement[Any]]:
    """Select messages with how much text each has, and with its text unless that is more than each may have."""
    return _columns(messages, func.octet_length(messages.c.content), "text_of_each")


def _columns(messages: FromClause, size: ColumnElement[int], maximum: str) -> list[ColumnElement[Any]]:
    columns = messages.c
    text = case((size <= bindparam(maximum, type_=BigInteger), columns.content))
    return [size, columns.id, columns.role, columns.created_at, columns.cleared_at, text]


class TextBudget:
    """How many bytes of text, in UTF-8, a request may read in all its statements.

    `longest` is what no text that was read has more bytes than; 0 until there is one.
    """

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.longest = 0
        self._left = maximum

    @cached_property
    def _lock(self) -> asyncio.Lock:
        # Held around each statement, so that none begins before it is known what the others have left. Most requests
        # read no messages and need none.
        return asyncio.Lock()

    async def read(
        self, database: Database, statement: StatementOfMessages, parameters: dict[str, Any], *, rows_maximum: int
    ) -> list[tuple[int, StoredMessage]]:
        """Read messages, at most so many, each with the number to which it belongs.

        Raises:
            TooMuchText: their text is more than is left.
        """
        async with self._lock:
            # PostgreSQL has every message in hand twice to add up what all have. It need not where none has more than
            # its share of what is left, which is for few to exceed as long as that is more than most have.
            of_each = self._left // max(rows_maximum, 1)
            records = None
            if of_each >= LONG:
                records = await self._short(database, statement(with_short_text), parameters, of_each)
            if records is None:
                records = await self._within(database, statement(with_text_within), parameters)
        return [(record[0], StoredMessage._make(record[2:])) for record in records]

    async def _short(
        self, database: Database, statement: Statement, parameters: dict[str, Any], of_each: int
    ) -> list[Any] | None:
        """Read messages of which none has more than so many bytes; None where one has."""
        records = await database.rows(statement, text_of_each=of_each, **parameters)
        sizes = list(map(_SIZE, records))
        longest = max(sizes, default=0)
        if longest > of_each:
            return None
        self._note(sum(sizes), longest)
        return records

    async def _within(self, database: Database, statement: Statement, parameters: dict[str, Any]) -> list[Any]:
        records = await database.rows(statement, text_left=self._left, **parameters)
        together = records[0][1] if records else 0
        if together > self._left:
            raise TooMuchText
        self._note(together, together)
        return records

    def _note(self, read: int, longest: int) -> None:
        self._left -= read
        self.longest = max(self.longest, longest)
