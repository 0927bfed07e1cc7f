"""How much text of messages one request may read: the database never sends more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, FromClause, bindparam, case, func

from db.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from db.database import Database


LONG: Final = 20_000
"""How many bytes a message has to have to be called long: few have."""


_SHORT: Final = 2_000
"""Up to how many characters a message is short, as most are."""

_BYTES_OF_A_CHARACTER: Final = 4
"""At most, in UTF-8."""


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


stored_message: Final[Callable[[Sequence[Any]], StoredMessage]] = partial(tuple.__new__, StoredMessage)
"""Makes a message of its columns: as `_make` does, which takes longer, since it counts them as well."""


def with_text_within(messages: FromClause) -> list[ColumnElement[Any]]:
    """Select messages with their text, unless all have more of it together than is left."""
    return _columns(messages, func.sum(func.octet_length(messages.c.content)).over(), "text_left")


def with_short_text(messages: FromClause) -> list[ColumnElement[Any]]:
    """Select messages, each with its text unless that is more than each may have."""
    return _columns(messages, func.octet_length(messages.c.content), "text_of_each")


def _columns(messages: FromClause, size: ColumnElement[int], maximum: str) -> list[ColumnElement[Any]]:
    columns = messages.c
    text = case((size <= bindparam(maximum, type_=BigInteger), columns.content))
    return [columns.id, columns.role, columns.created_at, columns.cleared_at, text]


class TextBudget:
    """How many bytes of text, in UTF-8, a request may read in all its statements.

    `longest` is what no text that was read has more bytes than; 0 until there is one.
    """

    __slots__ = ("_left", "_lock", "_uncounted", "longest", "maximum")

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.longest = 0
        self._left = maximum
        # Made when they are needed: most requests read no messages.
        self._lock: asyncio.Lock | None = None
        self._uncounted: Sequence[tuple[int, StoredMessage]] = ()

    async def read(
        self, database: Database, statement: StatementOfMessages, parameters: dict[str, Any], *, rows_maximum: int
    ) -> list[tuple[int, StoredMessage]]:
        """Read messages, at most so many, each with the number to which it belongs.

        Raises:
            TooMuchText: their text is more than is left.
        """
        if self._lock is None:
            self._lock = asyncio.Lock()
        # Held around each statement, so that none begins before it is known what the others have left.
        async with self._lock:
            if self._uncounted:
                self._count()
            # PostgreSQL has every message in hand twice to add up what all have. It need not where none has more than
            # its share of what is left, which is for few to exceed as long as that is more than most have.
            of_each = self._left // max(rows_maximum, 1)
            read = None
            if of_each >= LONG:
                read = await self._read(database, statement(with_short_text), {**parameters, "text_of_each": of_each})
            if read is None:
                read = await self._read(database, statement(with_text_within), {**parameters, "text_left": self._left})
        if read is None:
            raise TooMuchText
        return read

    async def _read(
        self, database: Database, statement: Statement, parameters: dict[str, Any]
    ) -> list[tuple[int, StoredMessage]] | None:
        """Read messages; None where PostgreSQL held back a text."""
        records = await database.rows(statement, **parameters)
        read = []
        characters = 0
        # One look at each while it is made a message: another one afterwards takes as long again.
        for record in records:
            text = record[-1]
            if text is None:
                return None
            if len(text) > characters:  # noqa: PLR1730 - a call for each message takes longer
                characters = len(text)
            read.append((record[0], stored_message(record[1:])))
        self._note(read, characters)
        return read

    def _note(self, read: list[tuple[int, StoredMessage]], characters: int) -> None:
        """Note what was read, of which no text has more characters."""
        self._uncounted = read
        # To look at short ones more closely takes longer than what comes of it.
        is_exact = characters > _SHORT and all(message.content.isascii() for _, message in read)
        self.longest = max(self.longest, characters if is_exact else characters * _BYTES_OF_A_CHARACTER)

    def _count(self) -> None:
        """Take from what is left what was read last.

        That waits for the next statement, which most requests do not have. PostgreSQL could tell the size of each
        message as well; to read a hundred sizes takes longer than all that is done here.
        """
        self._left -= sum(len(message.content.encode()) for _, message in self._uncounted)
        self._uncounted = ()
