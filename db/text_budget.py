"""How much text of messages one request may read: refused by the database before any of it is sent."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, case, func

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, FromClause

    from db.database import Database
    from db.statement import Statement


class TooMuchText(Exception):
    """The messages asked for hold more text than may be read."""


class StoredMessage(NamedTuple):
    """What is read of a message."""

    id: int
    role: str
    created_at: datetime
    cleared_at: datetime | None
    content: str


def columns_within_budget(messages: FromClause) -> list[ColumnElement[Any]]:
    """Give what a statement that TextBudget reads by selects of messages, after the number to which each belongs."""
    columns = messages.c
    total = func.sum(func.octet_length(columns.content)).over()
    text = case((total <= bindparam("text_left", type_=BigInteger), columns.content))
    return [total, columns.id, columns.role, columns.created_at, columns.cleared_at, text]


class TextBudget:
    """How many bytes of text, in UTF-8, a request may read in all its statements."""

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self._left = maximum

    @cached_property
    def _lock(self) -> asyncio.Lock:
        # Held around each statement, so that none begins before it is known what the others have left. Most requests
        # read no messages and need none.
        return asyncio.Lock()

    @property
    def is_touched(self) -> bool:
        """Whether any text was read."""
        return self._left < self.maximum

    async def read(
        self, database: Database, statement: Statement, parameters: dict[str, Any]
    ) -> list[tuple[int, StoredMessage]]:
        """Read messages, each with the number to which it belongs.

        Raises:
            TooMuchText: their text is more than is left. Then PostgreSQL sent none of it, nor did it unpack any.
        """
        async with self._lock:
            records = await database.rows(statement, text_left=self._left, **parameters)
            if records:
                read = records[0][1]
                if read > self._left:
                    raise TooMuchText
                self._left -= read
        return [(record[0], StoredMessage._make(record[2:])) for record in records]
