"""A connection of the pool, driven by the driver itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, cast

from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.util import greenlet_spawn

from db.errors import ERRORS_OF_THE_DRIVER, ConnectionLost, failure_of_statement, is_end_of_connection, without_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncEngine
    from sqlalchemy.pool import PoolProxiedConnection

    from db.connection import Connection
    from db.statement import Statement
    from db.watch import Work

_ending: set[asyncio.Task[None]] = set()


class BorrowedConnection:
    """A connection of an engine's pool for the length of an `async with`; one that is of no use is replaced after it.

    Raises:
        DatabaseUnavailable: the database cannot serve.
        StatementFailed: it refuses a statement.
    """

    def __init__(self, engine: AsyncEngine, work: Work) -> None:
        """`work` is what it is taken for, and waits for what it answers."""
        self._engine = engine
        self._work = work
        self._pooled: PoolProxiedConnection
        self._driver: Connection
        self.is_waiting = False
        """Whether something was sent that was not answered: what then comes next is nobody's to say."""

    async def __aenter__(self) -> Self:
        """Take it."""
        self._pooled = await _taken(self._engine)
        self._driver = cast("Connection", self._pooled.driver_connection)
        self._work.uses(self._driver)
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Give it back. Nothing is asked of the database: whoever began a transaction has ended it."""
        if not self.is_waiting:
            self._pooled.close()
            return
        # Whoever is cancelled over it as well leaves it to go on: a statement that nobody waits for has to be ended.
        ending = asyncio.create_task(self._end(error))
        _ending.add(ending)
        ending.add_done_callback(_ending.discard)
        await asyncio.shield(ending)

    async def _end(self, error: BaseException | None) -> None:
        try:
            await greenlet_spawn(self._replace, error)
        finally:
            self._pooled.close()

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

    def _replace(self, error: BaseException | None) -> None:
        if isinstance(error, ConnectionLost) or (error is not None and is_end_of_connection(error)):
            # As SQLAlchemy does for its own statements: those that are as old have most likely ended too.
            self._engine.pool._invalidate(self._pooled, error)  # noqa: SLF001 - there is no public way
        else:
            self._pooled.invalidate(error)


async def _taken(engine: AsyncEngine) -> PoolProxiedConnection:
    """Take a connection of the pool.

    One that is idle is at hand, without the two changes of greenlet in which SQLAlchemy would wait for it. If it turns
    out to be of no use, it has to be made anew, which takes waiting.
    """
    if engine.pool.checkedin():  # type: ignore[attr-defined] # the pool is one with a queue
        with suppress(MissingGreenlet):
            return engine.sync_engine.raw_connection()
    return await engine.raw_connection()
