"""What is sent to the database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import asyncpg
from sqlalchemy import event

from db.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Engine


@contextmanager
def noting_statements(engine: Engine, note: Callable[[str, Sequence[Any]], None]) -> Iterator[None]:
    """Have each statement noted that is sent meanwhile, with its parameters: those of sessions, and those kept.

    The beginning and the end of a transaction are not among them.
    """

    def of_session(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        note(statement, parameters)

    async def kept(connection: Connection, statement: str, *parameters: object) -> object:
        note(statement, parameters)
        return await asyncpg.Connection.fetch(connection, statement, *parameters)

    async def control(connection: Connection, commands: str) -> object:
        if not commands.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            note(commands, ())
        return await asyncpg.Connection.execute(connection, commands)

    event.listen(engine, "before_cursor_execute", of_session)
    try:
        # By these and by nothing else, statements are sent that are not of sessions.
        with (
            patch.object(Connection, "fetch", kept, create=True),
            patch.object(Connection, "execute", control, create=True),
        ):
            yield
    finally:
        event.remove(engine, "before_cursor_execute", of_session)
