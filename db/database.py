"""Access to the database: short reads, and writes that are one transaction."""

from __future__ import annotations

import asyncio
import functools
import random
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from db.connection import ask
from db.engine import limits_of_transaction
from db.errors import ConnectionLost, DatabaseConflict, database_failures
from db.pool import BorrowedConnection, ConnectionPool
from db.transaction import Transaction
from db.turns import Turns
from db.watch import Watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from db.connection import Connection
    from db.statement import Statement
    from db.watch import Work

Result = TypeVar("Result")

_ATTEMPTS_TO_READ = 2
_ATTEMPTS_TO_WRITE = 3
_SECONDS_BETWEEN_ATTEMPTS = 0.05
_SECONDS_FOR_ANOTHER_CONNECTION = 1.5
"""It takes up to three to find out that the one before leads nowhere, and whoever waits is told within five."""

_SECONDS_TO_CLOSE = 2.0


class Database:
    """The database of a process.

    Sibling resolvers and loaders run at the same time, and a connection cannot serve two of them. So this object is
    shared and connections are not: each loader batch or root query is one `rows()`, each mutation one `change()`.

    What takes a function may call it again: with another connection, and only where nothing of it took place. Nothing
    but the database may be awaited inside.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._watch = Watch(functools.partial(ask, engine))
        self._pool = cast("ConnectionPool", engine.pool)
        self._turns = Turns(self._pool.size())
        self._seconds = self._pool.timeout()
        self._limits = limits_of_transaction(engine)
        # Autocommit spares a read the round trips of BEGIN and ROLLBACK.
        self._read = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def fetch(self, query: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        """Read; once more where the connection broke, as all of them do when the database restarts.

        Raises:
            DatabaseUnavailable: the database cannot be reached, cannot serve, or is not migrated.
        """

        async def attempt(seconds: float) -> Result:
            async with self.read(seconds) as connection:
                return await query(connection)

        return await _repeated(attempt, _ATTEMPTS_TO_READ, self._seconds)

    async def rows(self, statement: Statement, **parameters: Any) -> list[Any]:
        """Read by a statement that is kept, as fetch() does. Rows come as the driver gives them, in the order selected.

        Raises:
            DatabaseUnavailable: see fetch().
        """
        return await _repeated(functools.partial(self._rows, statement, parameters), _ATTEMPTS_TO_READ, self._seconds)

    async def change(self, command: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Carry out a command in one transaction; a few times more where none of it took place for a passing reason.

        That is: the database ended the transaction for the sake of another, or the connection broke before COMMIT.

        Raises:
            DatabaseUnavailable: see fetch(). Where the answer to COMMIT was lost, nobody knows whether it took place.
        """
        return await _repeated(functools.partial(self._changed, command), _ATTEMPTS_TO_WRITE, self._seconds)

    @asynccontextmanager
    async def read(self, seconds: float | None = None) -> AsyncIterator[AsyncConnection]:
        """Open a connection for reading, as fetch() does for each attempt: each statement stands alone, in autocommit.

        It is waited for as long as the pool has it, or for so many `seconds`.

        Raises:
            DatabaseUnavailable: see fetch().
        """
        with database_failures(), self._watch.over_work() as work:
            until = work.began + (self._seconds if seconds is None else seconds)
            async with AsyncExitStack() as taken:
                await self._turns.take(until)
                taken.callback(self._turns.give_back)
                async with asyncio.timeout_at(until):
                    connection = await taken.enter_async_context(self._read.connect())
                pooled = await connection.get_raw_connection()
                work.uses(cast("Connection", pooled.driver_connection))
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """Open a transaction, as change() does for each attempt: committed on exit, rolled back on any exception.

        Raises:
            DatabaseUnavailable: see change().
        """
        with database_failures(), self._watch.over_work() as work:
            borrowed = self._borrowed(work, self._seconds)
            async with borrowed as connection, Transaction(connection, self._limits) as transaction:
                yield transaction

    async def _rows(self, statement: Statement, parameters: Mapping[str, Any], seconds: float) -> list[Any]:
        with database_failures(), self._watch.over_work() as work:
            async with self._borrowed(work, seconds) as connection:
                return await connection.rows(statement, parameters)

    async def _changed(self, command: Callable[[Transaction], Awaitable[Result]], seconds: float) -> Result:
        # As write() does, without the generator.
        with database_failures(), self._watch.over_work() as work:
            borrowed = self._borrowed(work, seconds)
            async with borrowed as connection, Transaction(connection, self._limits) as transaction:
                return await command(transaction)

    def _borrowed(self, work: Work, seconds: float) -> BorrowedConnection:
        return BorrowedConnection(self._pool, self._turns, work, seconds)

    async def close(self) -> None:
        """Close all connections, within two seconds or so."""
        await self._watch.close()
        # A database that is silent takes no leave; what is left then ends with the process.
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS_TO_CLOSE):
                await self.engine.dispose()


async def _repeated(attempt: Callable[[float], Awaitable[Result]], attempts: int, seconds: float) -> Result:
    """Try so often. An attempt is told how many seconds it may wait for a connection: `seconds`, the first time."""
    for number in range(1, attempts):
        try:
            return await attempt(seconds)
        except (ConnectionLost, DatabaseConflict) as error:
            if isinstance(error, ConnectionLost):
                seconds = min(seconds, _SECONDS_FOR_ANOTHER_CONNECTION)
            # Whoever was in each other's way should not come back at the same moment.
            await asyncio.sleep(random.uniform(0, number * _SECONDS_BETWEEN_ATTEMPTS))  # noqa: S311 - no secret  # nosec B311
    return await attempt(seconds)
