"""Access to the database: short reads, and writes that are one transaction."""

from __future__ import annotations

import asyncio
import functools
import random
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session as SynchronousSession

from db.connection import ask
from db.errors import ConnectionLost, DatabaseConflict, DatabaseUnavailable, database_failures
from db.turns import Turns
from db.watch import Watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sqlalchemy import Connection
    from sqlalchemy.orm import SessionTransaction
    from sqlalchemy.pool import AsyncAdaptedQueuePool

    from db.statement import Statement

Session = TypeVar("Session", bound="AsyncSession | AsyncEngine")
Result = TypeVar("Result")

_ATTEMPTS_TO_READ = 2
_ATTEMPTS_TO_WRITE = 3
_SECONDS_BETWEEN_ATTEMPTS = 0.05
_SECONDS_TO_CLOSE = 2.0
_WORK = "work"


class _WatchedSession(SynchronousSession):
    """A session whose `info` holds the work that it is part of."""


class ReadSession(AsyncSession):
    """A session that only reads: each statement stands alone, in autocommit."""

    sync_session_class = _WatchedSession


class WriteSession(AsyncSession):
    """A session within one transaction. Commands take this type, so that a read can never write by accident."""

    sync_session_class = _WatchedSession


@event.listens_for(_WatchedSession, "after_begin")
def _watch_over(session: SynchronousSession, _: SessionTransaction, connection: Connection) -> None:
    session.info[_WORK].uses(connection.connection.driver_connection)


class Database:
    """The database of a process.

    Sibling resolvers and loaders run at the same time, and a session cannot serve two of them. So this object is shared
    and sessions are not: each loader batch or root query is one `fetch()`, each mutation one `change()`. Nothing but
    the database may be awaited inside either.

    Both take a function, which they may call again: with a new session, and only where nothing of it took place.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._watch = Watch(functools.partial(ask, engine))
        pool = cast("AsyncAdaptedQueuePool", engine.pool)
        self._turns = Turns(pool.size(), pool.timeout())
        # Autocommit spares a read the round trips of BEGIN and ROLLBACK.
        self._read = async_sessionmaker(
            engine.execution_options(isolation_level="AUTOCOMMIT"),
            class_=ReadSession,
            expire_on_commit=False,
            autoflush=False,
        )
        # Commands wait for a row and then see what it has become, whatever isolation somebody made the default.
        self._write = async_sessionmaker(
            engine.execution_options(isolation_level="READ COMMITTED"),
            class_=WriteSession,
            expire_on_commit=False,
            autoflush=False,
        )

    async def fetch(self, query: Callable[[ReadSession], Awaitable[Result]]) -> Result:
        """Read; once more where the connection broke, as all of them do when the database restarts.

        Raises:
            DatabaseUnavailable: the database cannot be reached, cannot serve, or is not migrated.
        """

        async def attempt() -> Result:
            async with self.read() as session:
                return await query(session)

        return await _repeated(attempt, _ATTEMPTS_TO_READ)

    async def rows(self, statement: Statement, **parameters: Any) -> list[Any]:
        """Read by a statement that is kept, as fetch() does. Rows come as the driver gives them, in the order selected.

        Raises:
            DatabaseUnavailable: see fetch().
        """

        async def attempt() -> list[Any]:
            with database_failures(), self._watch.over_work() as work:
                async with self._turns:
                    return await statement.rows(self.engine, parameters, work)

        return await _repeated(attempt, _ATTEMPTS_TO_READ)

    async def change(self, command: Callable[[WriteSession], Awaitable[Result]]) -> Result:
        """Carry out a command in one transaction; a few times more where none of it took place for a passing reason.

        That is: the database ended the transaction for the sake of another, or the connection broke before COMMIT.

        Raises:
            DatabaseUnavailable: see fetch(). Where the answer to COMMIT was lost, nobody knows whether it took place.
        """

        async def attempt() -> Result:
            async with self.write() as session:
                return await command(session)

        return await _repeated(attempt, _ATTEMPTS_TO_WRITE)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Open a session for reading, as fetch() does for each attempt.

        Raises:
            DatabaseUnavailable: see fetch().
        """
        with database_failures(), self._watch.over_work() as work:
            async with self._turns, self._read(info={_WORK: work}) as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Open a transaction, as change() does for each attempt: committed on exit, rolled back on any exception.

        Raises:
            DatabaseUnavailable: see change().
        """
        with database_failures(), self._watch.over_work() as work:
            async with self._turns, self._write(info={_WORK: work}) as session:
                yield session
                await session.flush()
                await _commit(session)

    async def close(self) -> None:
        """Close all connections, within two seconds or so."""
        await self._watch.close()
        # A database that is silent takes no leave; what is left then ends with the process.
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS_TO_CLOSE):
                await self.engine.dispose()


async def _commit(session: WriteSession) -> None:
    try:
        with database_failures():
            await session.commit()
    except ConnectionLost as lost:
        # Not to be repeated: it may have taken place.
        raise DatabaseUnavailable("The connection broke before the database said whether it had committed.") from lost


async def _repeated(attempt: Callable[[], Awaitable[Result]], attempts: int) -> Result:
    for number in range(1, attempts):
        try:
            return await attempt()
        except (ConnectionLost, DatabaseConflict):
            # Whoever was in each other's way should not come back at the same moment.
            await asyncio.sleep(random.uniform(0, number * _SECONDS_BETWEEN_ATTEMPTS))  # noqa: S311 - no secret  # nosec B311
    return await attempt()
