"""How much text of messages one request may read: refused by the database before any of it is sent."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import FromClause, Select

    from db.database import ReadSession


class TooMuchText(Exception):
    """The messages asked for hold more text than may be read."""


class StoredMessage(NamedTuple):
    """What is read of a message."""

    id: int
    role: str
    created_at: datetime
    cleared_at: datetime | None
    content: str


class TextBudget:
    """How many bytes of text, in UTF-8, a request may read in all its statements.

    `lock` is held around each of them, so that none begins before it is known what the others have left.
    """

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.left = maximum

    @cached_property
    def lock(self) -> asyncio.Lock:
        """What is held around each statement; most requests read no messages and need none."""
        return asyncio.Lock()

    @property
    def is_touched(self) -> bool:
        """Whether any text was read."""
        return self.left < self.maximum

    async def read(
        self, session: ReadSession, statement: Select[Any], messages: FromClause
    ) -> list[tuple[int, StoredMessage]]:
        """Execute a statement that selects the number to which each message belongs, with the messages themselves.

        `messages` is where the statement has their columns from.

        Raises:
            TooMuchText: their text is more than is left. Then PostgreSQL sent none of it, nor did it unpack any.
        """
        columns = messages.c
        total = func.sum(func.octet_length(columns.content)).over()
        text = case((total <= self.left, columns.content))
        whole = statement.add_columns(total, columns.id, columns.role, columns.created_at, columns.cleared_at, text)
        rows = (await session.execute(whole)).all()
        if rows:
            read = rows[0][1]
            if read > self.left:
                raise TooMuchText
            self.left -= read
        return [(belongs_to, StoredMessage(*message)) for belongs_to, _, *message in rows]
