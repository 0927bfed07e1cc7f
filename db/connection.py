"""Connections that nobody has to wait for when they end, and what is asked to learn whether the database answers."""

from __future__ import annotations

import asyncio
import select
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import asyncpg

from db.errors import ERRORS_OF_THE_DRIVER, PoolerInTheWay
from db.moments import read_any_moment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Hashable, Mapping

    from sqlalchemy.ext.asyncio import AsyncEngine

_SECONDS_TO_WAIT = 0.25
_SECONDS_TO_CLOSE = 2.0

_closing: set[asyncio.Task[None]] = set()


class Connection(asyncpg.Connection):  # type: ignore[misc] # asyncpg brings no types
    """A connection that is closed in the background where the database does not answer.

    To close a connection in the middle of a statement, PostgreSQL is asked to end the statement, and its answer is
    waited for. Whoever gave up on the statement has waited long enough.
    """

    process = 0
    """The number of PostgreSQL's process that serves it; 0 where a pooler chooses one for each transaction."""

    def is_quiet(self) -> bool:
        """Tell whether it is open, and nothing came on it that this side was too busy to read."""
        if self.is_closed():
            return False
        looking = select.poll()
        looking.register(self._transport.get_extra_info("socket"), select.POLLIN)
        return not looking.poll(0)

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's signature
        """Close the connection. It may go on after the return, for `timeout` seconds, by default 2."""
        closing = asyncio.create_task(self._close_or_abort(_SECONDS_TO_CLOSE if timeout is None else timeout))
        _closing.add(closing)
        closing.add_done_callback(_closing.discard)
        await asyncio.wait({closing}, timeout=_SECONDS_TO_WAIT)

    async def comes_to_rest(self) -> bool:
        """End a statement that was given up; tell whether the connection is as good as new, within a moment or not.

        The driver has asked PostgreSQL to end it. A question of its own has the answer waited for, and takes the blow
        where that comes late. A transaction that was given up with the statement is rolled back.
        """
        with suppress(TimeoutError, OSError, *ERRORS_OF_THE_DRIVER):
            async with asyncio.timeout(_SECONDS_TO_WAIT):
                with suppress(asyncpg.InFailedSQLTransactionError):
                    await self.execute("SELECT 1")
                if self.is_in_transaction():
                    await self.execute("ROLLBACK")
                return not self.is_in_transaction()
        return False

    async def _close_or_abort(self, seconds: float) -> None:
        try:
            await super().close(timeout=seconds)
        except (OSError, *ERRORS_OF_THE_DRIVER):
            self.terminate()


async def connect(*, behind_pooler: bool, **options: Any) -> Connection:
    """Open a connection, with asyncpg's options.

    Raises:
        TimeoutError: it could not be used within `timeout` seconds.
        PoolerInTheWay: it is not one to PostgreSQL itself, and nobody said so.
    """
    # What a new connection is asked first is part of making it: it may lead nowhere from then on.
    async with asyncio.timeout(options.get("timeout")):
        connection: Connection = await asyncpg.connect(**options, connection_class=Connection)
        try:
            if not behind_pooler:
                await _require_no_pooler(connection)
                connection.process = connection.get_server_pid()
            await read_any_moment(connection)
        except BaseException:
            connection.terminate()
            raise
    return connection


class Connecting:
    """Opens a connection by connect() when it is awaited.

    SQLAlchemy asks for a connection before it knows whether it can wait for one; a coroutine that nobody awaits is one
    that Python warns of.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options

    def __await__(self) -> Generator[Any, Any, Connection]:
        """Open it."""
        return connect(**self._options).__await__()


async def _require_no_pooler(connection: Connection) -> None:
    # A statement with a name would stay with whatever connection the pooler chose.
    statement = await connection.prepare("SELECT pg_backend_pid()", name="")
    if await statement.fetchval() != connection.get_server_pid():
        raise PoolerInTheWay


# One that computes, waits for a lock or writes is at work. One that listens has had nothing to do since its state
# changed. Where PostgreSQL is told not to track activities, there is no such moment, and nothing to be learnt.
_LISTENING = """
    SELECT asked.pid, activity.state_change
    FROM unnest($1::integer[]) AS asked (pid) LEFT JOIN pg_stat_activity AS activity USING (pid)
    WHERE activity.pid IS NULL OR (activity.wait_event = 'ClientRead' AND activity.state_change IS NOT NULL)
"""

_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY($1) AND wait_event = 'ClientRead'"


async def ask(
    engine: AsyncEngine, processes: Collection[int], give_up: Callable[[Mapping[int, Hashable]], Collection[int]]
) -> None:
    """Return when PostgreSQL has answered, be it with a refusal; raise whatever the driver does where it has not.

    `give_up` is called with those of the `processes` that wait for this side to say something, each with the moment
    since when; and with those that are gone, with None. It gives those that nobody will say anything to any more; they
    are ended, for the sake of the locks that they may hold.
    """
    _, options = engine.dialect.create_connect_args(engine.url)
    try:
        connection: Any = await asyncpg.connect(**options, connection_class=Connection)
        try:
            await connection.execute("SELECT 1")
            if processes:
                listening = dict(await connection.fetch(_LISTENING, processes))
                if lost := give_up(listening):
                    await connection.execute(_END, lost)
        finally:
            await connection.close()
    except asyncpg.PostgresConnectionError:
        raise
    except asyncpg.PostgresError:
        # It lives, whatever it thinks of us.
        return
