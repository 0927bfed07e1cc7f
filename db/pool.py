"""The pool of connections, and a connection of it, driven by the driver itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, cast

from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.pool.base import _AdhocProxiedConnection
from sqlalchemy.util import greenlet_spawn

from db.errors import ERRORS_OF_THE_DRIVER, ConnectionLost, failure_of_statement, is_end_of_connection, without_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.pool.base import _ConnectionRecord

    from db.connection import Connection
    from db.statement import Statement
    from db.turns import Turns
    from db.watch import Work

_ending: set[asyncio.Task[None]] = set()


class ConnectionPool(AsyncAdaptedQueuePool):
    """A pool of SQLAlchemy's that also lends its entries themselves, to be given back by give_back().

    SQLAlchemy puts a proxy around an entry each time that it is taken: for those who forget to give it back, who leave
    a transaction open, or who want to be told. Here nobody does, and the proxy took a sixth of a short read. Entries
    are counted, found too old and made anew by the same code either way.
    """

    def borrow_at_once(self) -> _ConnectionRecord | None:
        """Take an entry whose connection is open and idle; None where one has to be waited for.

        That spares the two changes of greenlet in which SQLAlchemy would wait. Where it turns out to be of no use, it
        has to be made anew, which takes waiting.
        """
        if self.checkedin():
            with suppress(MissingGreenlet):
                return self._opened()
        return None

    async def borrow(self, until: float) -> _ConnectionRecord:
        """Take an entry, with a new connection where it has none that is of use.

        Raises whatever the driver does where none can be made, sqlalchemy.exc.TimeoutError where others have all, and
        TimeoutError where it is not there at the moment `until` by the clock of the event loop.
        """
        # What SQLAlchemy asks of the first connection, it has all others wait for.
        async with asyncio.timeout_at(until):
            return await greenlet_spawn(self._opened)

    def give_back(self, entry: _ConnectionRecord) -> None:
        """Have an entry lent to the next."""
        self._do_return_conn(entry)

    async def replace(self, entry: _ConnectionRecord, error: BaseException | None) -> None:
        """Close the connection of an entry that is lent, so that the next who takes it gets another.

        Where the connection has ended, those that are as old have most likely ended too, and none is lent again: as
        SQLAlchemy does for its own statements.
        """
        await greenlet_spawn(self._replace, entry, error)

    def _opened(self) -> _ConnectionRecord:
        entry = cast("_ConnectionRecord", self._do_get())
        try:
            entry.get_connection()
        except BaseException as error:
            entry._checkin_failed(error, _fairy_was_created=False)  # noqa: SLF001 - as SQLAlchemy's own proxy does
            raise
        return entry

    def _replace(self, entry: _ConnectionRecord, error: BaseException | None) -> None:
        if error is not None and (isinstance(error, ConnectionLost) or is_end_of_connection(error)):
            self._invalidate(_AdhocProxiedConnection(cast("Any", entry.dbapi_connection), entry), error)
        entry.invalidate(error)


class BorrowedConnection:
    """A connection of a pool for the length of an `async with`; one that is of no use is replaced after it.

    Raises:
        DatabaseUnavailable: the database cannot serve.
        StatementFailed: it refuses a statement.
    """

    __slots__ = ("_driver", "_entry", "_pool", "_seconds", "_turns", "_work", "is_waiting")

    def __init__(self, pool: ConnectionPool, turns: Turns, work: Work, seconds: float) -> None:
        """`turns` are those at the pool; `work` is what the connection is for, and waits for what it answers.

        It is there within so many `seconds` of the beginning of the work.
        """
        self._pool = pool
        self._turns = turns
        self._work = work
        self._seconds = seconds
        self._entry: _ConnectionRecord
        self._driver: Connection
        self.is_waiting = False
        """Whether something was sent that was not answered: what then comes next is nobody's to say."""

    async def __aenter__(self) -> Self:
        """Take it, in turn."""
        if not self._turns.take_at_once():
            await self._turns.take(self._work.began + self._seconds)
        try:
            self._entry = self._pool.borrow_at_once() or await self._pool.borrow(self._work.began + self._seconds)
            self._driver = cast("Connection", self._entry.driver_connection)
        except BaseException:
            self._turns.give_back()
            raise
        self._work.uses(self._driver)
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Give it back. Nothing is asked of the database: whoever began a transaction has ended it."""
        try:
            if self.is_waiting:
                # Whoever is cancelled over it as well leaves it to go on: a statement that nobody waits for has to be
                # ended.
                ending = asyncio.create_task(self._end(error))
                _ending.add(ending)
                ending.add_done_callback(_ending.discard)
                await asyncio.shield(ending)
            else:
                self._pool.give_back(self._entry)
        finally:
            self._turns.give_back()

    async def _end(self, error: BaseException | None) -> None:
        try:
            # Callers who leave are many, and a connection takes PostgreSQL more than most statements do.
            if not (isinstance(error, asyncio.CancelledError) and await self._driver.comes_to_rest()):
                await self._pool.replace(self._entry, error)
        finally:
            self._pool.give_back(self._entry)

    async def rows(self, statement: Statement, parameters: Mapping[str, Any]) -> list[Any]:
        """Run a statement and give its rows as the driver does."""
        arguments = statement.arguments(parameters)
        self.is_waiting = True
        try:
            rows: list[Any] = await self._driver.fetch(statement.sql, *arguments)
        except ERRORS_OF_THE_DRIVER as error:
            raise self._failure(error) from without_row(error)
        self.is_waiting = False
        return rows

    async def control(self, commands: str) -> str:
        """Run commands that take no parameters and give no rows, such as COMMIT, and give PostgreSQL's word for it."""
        self.is_waiting = True
        try:
            word: str = await self._driver.execute(commands)
        except ERRORS_OF_THE_DRIVER as error:
            raise self._failure(error) from without_row(error)
        self.is_waiting = False
        return word

    def _failure(self, error: BaseException) -> Exception:
        self.is_waiting = is_end_of_connection(error)
        return failure_of_statement(error)
