"""Connections that nobody has to wait for when they end, and what is asked to learn whether the database answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg

from db.errors import PoolerInTheWay
from db.moments import read_any_moment

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy.ext.asyncio import AsyncEngine

_SECONDS_TO_WAIT = 0.25
_SECONDS_TO_CLOSE = 2.0

_closing: set[asyncio.Task[None]] = set()


class Connection(asyncpg.Connection):  # type: ignore[misc] # asyncpg brings no types
    """A connection that is closed in the background where the database does not answer.

    To close a connection in the middle of a statement, PostgreSQL is asked to end the statement, and its answer is
    waited for. Whoever gave up on the statement has waited long enough.
    """

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's signature
        """Close the connection. It may go on after the return, for `timeout` seconds, by default 2."""
        closing = asyncio.create_task(self._close_or_abort(_SECONDS_TO_CLOSE if timeout is None else timeout))
        _closing.add(closing)
        closing.add_done_callback(_closing.discard)
        await asyncio.wait({closing}, timeout=_SECONDS_TO_WAIT)

    async def _close_or_abort(self, seconds: float) -> None:
        try:
            await super().close(timeout=seconds)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            self.terminate()


async def connect(*, behind_pooler: bool, **options: Any) -> Connection:
    """Open a connection, with asyncpg's options.

    Raises:
        PoolerInTheWay: it is not one to PostgreSQL itself, and nobody said so.
    """
    connection: Connection = await asyncpg.connect(**options, connection_class=Connection)
    try:
        if not behind_pooler:
            await _require_no_pooler(connection)
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


async def ask(engine: AsyncEngine) -> None:
    """Return when PostgreSQL has answered, be it with a refusal; raise whatever the driver does where it has not."""
    _, options = engine.dialect.create_connect_args(engine.url)
    try:
        connection: Any = await asyncpg.connect(**options, connection_class=Connection)
        try:
            await connection.execute("SELECT 1")
        finally:
            await connection.close()
    except asyncpg.PostgresConnectionError:
        raise
    except asyncpg.PostgresError:
        # It lives, whatever it thinks of us.
        return
