"""Access to the database: short reads, and writes that are one transaction."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from db.errors import database_failures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class ReadSession(AsyncSession):
    """A session that only reads: each statement stands alone, in autocommit."""


class WriteSession(AsyncSession):
    """A session within one transaction. Commands take this type, so that a read can never write by accident."""


class Database:
    """The database of a process.

    Sibling resolvers and loaders run at the same time, and a session cannot serve two of them. So this object is shared
    and sessions are not: each loader batch or root query opens its own `read()`, each mutation one `write()`. Nothing
    but the database may be awaited inside either.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
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

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Open a session for reading.

        Raises:
            DatabaseUnavailable: the database cannot be reached, cannot serve, or is not migrated.
        """
        with database_failures():
            async with self._read() as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Open a transaction: committed on exit, rolled back on any exception.

        Raises:
            DatabaseUnavailable: see read().
        """
        with database_failures():
            async with self._write.begin() as session:
                yield session

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
