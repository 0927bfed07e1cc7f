"""How much text of messages one request may read: refused by the database before any of it is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select

    from db.database import ReadSession
    from db.models import Message


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
        self.lock = asyncio.Lock()

    async def read(
        self, session: ReadSession, statement: Select[Any], message: type[Message]
    ) -> list[tuple[int, StoredMessage]]:
        """Execute a statement that selects the number to which each message belongs, with the messages of this entity.

        Raises:
            TooMuchText: their text is more than is left. Then PostgreSQL sent none of it, nor did it unpack any.
        """
        total = func.sum(func.octet_length(message.content)).over()
        text = case((total <= self.left, message.content))
        rows = (
            await session.execute(
                statement.add_columns(total, message.id, message.role, message.created_at, message.cleared_at, text)
            )
        ).all()
        if rows:
            read = rows[0][1]
            if read > self.left:
                raise TooMuchText
            self.left -= read
        return [(belongs_to, StoredMessage(*columns)) for belongs_to, _, *columns in rows]
