"""Transactions: what commands write in."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

from db.errors import ConnectionLost, DatabaseUnavailable, StatementFailed, database_failures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from db.pool import BorrowedConnection
    from db.statement import Statement

# Commands wait for a row and then see what it has become, whatever isolation somebody made the default.
_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"


class Transaction:
    """One transaction for the length of an `async with`: committed at its end, rolled back on any exception.

    Commands take this type, so that a read can never write by accident. Nothing but the database may be awaited inside.
    """

    def __init__(self, connection: BorrowedConnection, limits: str) -> None:
        """`limits` are commands of SQL that hold for the transaction, empty where the connection has them."""
        self._connection = connection
        self._begin = f"{_BEGIN}; {limits}" if limits else _BEGIN

    async def __aenter__(self) -> Self:
        """Begin it.

        Raises:
            DatabaseUnavailable: the database cannot serve.
        """
        await self._connection.control(self._begin)
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """End it.

        Raises:
            DatabaseUnavailable: the answer to COMMIT was lost, so that nobody knows whether it took place.
            StatementFailed: a statement had failed, and the command went on as if it had not.
        """
        if error is None:
            await self._commit()
        elif not self._connection.is_waiting:
            # Where the connection breaks over it, the database rolls back by itself.
            with suppress(DatabaseUnavailable, OSError):
                await self._connection.control("ROLLBACK")

    async def rows(self, statement: Statement, **parameters: Any) -> list[Any]:
        """Run a statement and give its rows as the driver does, in the order selected.

        Raises:
            DatabaseUnavailable: the database cannot serve.
            ConstraintViolated: a constraint or a unique index refuses what is written.
        """
        return await self._connection.rows(statement, parameters)

    async def row(self, statement: Statement, **parameters: Any) -> Any | None:
        """Run a statement that gives one row or none, as rows() does."""
        rows = await self._connection.rows(statement, parameters)
        return rows[0] if rows else None

    async def set_limit(self, name: str, value: str) -> None:
        """Set a limit of time for the rest of the transaction, such as `lock_timeout`. Both come from this program."""
        await self._connection.control(f"SET LOCAL {name} = '{value}'")

    async def lock_table(self, name: str) -> None:
        """Queue up for a table until nobody else writes to it, and keep it until the end."""
        await self._connection.control(f"LOCK TABLE {name} IN EXCLUSIVE MODE")

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what is done inside where it fails, and nothing else of the transaction."""
        await self._connection.control("SAVEPOINT before")
        try:
            yield
        except Exception:
            if not self._connection.is_waiting:
                await self._connection.control("ROLLBACK TO SAVEPOINT before")
            raise
        await self._connection.control("RELEASE SAVEPOINT before")

    async def _commit(self) -> None:
        try:
            with database_failures():
                word = await self._connection.control("COMMIT")
        except ConnectionLost as lost:
            # Not to be repeated: it may have taken place.
            raise DatabaseUnavailable(
                "The connection broke before the database said whether it had committed."
            ) from lost
        if word != "COMMIT":
            raise StatementFailed("The transaction had failed before its end, and was rolled back.")
