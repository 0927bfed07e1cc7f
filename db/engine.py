"""Making the engine: one pool of connections for a process."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from db.connection import Connecting
from db.errors import breaks_connection
from db.pool import ConnectionPool
from db.types import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_DRIVER = "postgresql+asyncpg"
_SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})
_PARAMETERS = frozenset({"host", "port", "ssl", "sslmode", "target_session_attrs"})
_POSTGRESQL_NAMES = ("postgres", "postgresql", "postgresql+asyncpg")


_DEFAULT_PORT = 5432
_PORT_MAXIMUM = 65535


def database_url(text: str) -> URL:
    """Read a database address as PostgreSQL's own tools write it, for the driver in use.

    Raises:
        ValueError: it is no address, or of another database than PostgreSQL.
    """
    try:
        url = make_url(text)
    except Exception as error:
        # The address may hold a password: neither it nor the parser's message about it is repeated.
        raise ValueError("it has to look like postgresql://user:password@host:5432/database") from error
    if url.drivername not in _POSTGRESQL_NAMES:
        raise ValueError(f"it has to be a postgresql:// address, not {url.drivername}://")
    query = dict(url.query)
    if unknown := sorted(set(query) - _PARAMETERS):
        raise ValueError(f"it has the parameter {unknown[0]}, which this service does not know; leave it out")
    # libpq says sslmode, asyncpg says ssl; the values mean the same.
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    if query.get("ssl", "prefer") not in _SSL_MODES:
        raise ValueError(f"its sslmode has to be one of {', '.join(sorted(_SSL_MODES))}")
    url = url.set(drivername=_DRIVER, query=query)
    if not all(1 <= port <= _PORT_MAXIMUM for port in _ports(url)):
        raise ValueError(f"its port has to be from 1 to {_PORT_MAXIMUM}")
    return url


def _ports(url: URL) -> list[int]:
    """Give the ports that are connected to, wherever in the address they stand."""
    try:
        _, options = dialect().create_connect_args(url)  # type: ignore[no-untyped-call] # SQLAlchemy's own have no types there
        ports = options.get("port", _DEFAULT_PORT)
        # SQLAlchemy takes 0 for none.
        return [*(ports if isinstance(ports, list) else [int(ports)]), _DEFAULT_PORT if url.port is None else url.port]
    except (ArgumentError, ValueError) as error:
        raise ValueError(
            f"its port has to be from 1 to {_PORT_MAXIMUM}, and of several hosts each has to have one"
        ) from error


SERVING_LIMITS = {"lock_timeout": "3s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "10s"}
"""How long PostgreSQL lets a request wait and work: one row that somebody holds must not hold up everybody."""

_SECONDS_OF_A_STATEMENT = 11
"""When this side gives a statement up that PostgreSQL should have ended: its connection leads nowhere."""


def create_engine(
    url: URL,
    *,
    pool_size: int = 10,
    pool_timeout: float = 3.0,
    connect_timeout: float = 3.0,
    limits: Mapping[str, str] | None = None,
    behind_pooler: bool = False,
) -> AsyncEngine:
    """Make an engine. `pool_size` connections stay open; `pool_timeout` and `connect_timeout` are seconds.

    `limits` are settings of each connection, such as SERVING_LIMITS; without them a statement may take its time.
    `behind_pooler` says that the address is that of a pooler such as PgBouncer, which gives each transaction another
    connection: nothing is then expected to last beyond a transaction. Where it does not say so, a connection through a
    pooler is refused.

    No connection is tested before use (that would cost a round trip each time); one that broke is replaced on the next.
    """
    limits = dict(limits or {})
    engine = create_async_engine(
        url,
        poolclass=ConnectionPool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        pool_use_lifo=True,
        # An error quotes its statement; what the statement was about may be the digest of a key.
        hide_parameters=True,
        json_deserializer=read_json,
        # A pooler hands the connection on after each transaction, and what was set for longer to whoever comes next.
        execution_options={_LIMITS: _set_for_transaction(limits) if behind_pooler else ""},
        connect_args={
            "timeout": connect_timeout,
            "command_timeout": _SECONDS_OF_A_STATEMENT if limits else None,
            "async_creator_fn": functools.partial(Connecting, behind_pooler=behind_pooler),
            # Existing columns hold UTC without saying so; the connection must not add a zone of its own.
            "server_settings": {"application_name": "platform-config-api", "timezone": "UTC"}
            | ({} if behind_pooler else limits),
            **(_NOTHING_PREPARED if behind_pooler else {}),
        },
    )
    event.listen(engine.sync_engine, "handle_error", _forget_the_row)
    event.listen(engine.sync_engine, "handle_error", _forget_the_connection)
    return engine


_LIMITS = "limits_of_transaction"

_NOTHING_PREPARED: Mapping[str, Any] = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    # The one statement without a name is replaced by the next; named ones would pile up in PostgreSQL.
    "prepared_statement_name_func": lambda: "",
}


def _set_for_transaction(limits: Mapping[str, str]) -> str:
    return "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in limits.items())


def limits_of_transaction(engine: AsyncEngine) -> str:
    """Give the commands of SQL that set an engine's limits for one transaction; empty where its connections have them.

    A statement in autocommit is its own transaction; behind a pooler, this side's limit has to do for it.
    """
    commands: str = engine.get_execution_options().get(_LIMITS, "")
    return commands


def _forget_the_row(context: ExceptionContext) -> None:
    """Drop the detail of PostgreSQL's errors: it quotes whole rows, and a row may hold the digest of a key."""
    error: BaseException | None = context.sqlalchemy_exception
    while error is not None:
        if isinstance(getattr(error, "detail", None), str):
            error.detail = None  # type: ignore[attr-defined] # asyncpg's errors have it, and write it out with the message
        error.args = tuple(part.partition("\nDETAIL:")[0] if isinstance(part, str) else part for part in error.args)
        error = error.__cause__ or getattr(error, "orig", None)


def _forget_the_connection(context: ExceptionContext) -> None:
    """Have a connection replaced, and with it all that are as old, after an error that does not stay with a statement.

    SQLAlchemy asks whether the driver has noticed the end of the connection, which may be a moment later.
    """
    error = context.sqlalchemy_exception
    if isinstance(error, DBAPIError):
        context.is_disconnect = context.is_disconnect or breaks_connection(error)
    elif context.execution_context is not None:
        # No answer within the time of a statement, or one that the driver could make nothing of.
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = False
