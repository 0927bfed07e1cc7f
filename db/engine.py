"""Making the engine: one pool of connections for a process."""

from __future__ import annotations

from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from db.types import read_json

DRIVER = "postgresql+asyncpg"
_POSTGRESQL_NAMES = ("postgres", "postgresql", "postgresql+asyncpg")


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
    # libpq says sslmode, asyncpg says ssl; the values mean the same.
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return url.set(drivername=DRIVER, query=query)


def create_engine(
    url: URL, *, pool_size: int = 10, pool_timeout: float = 5.0, connect_timeout: float = 5.0
) -> AsyncEngine:
    """Make an engine. `pool_size` connections stay open; `pool_timeout` and `connect_timeout` are seconds.

    No connection is tested before use (that would cost a round trip each time); one that broke is replaced on the next.
    """
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        pool_use_lifo=True,
        # An error quotes its statement; what the statement was about may be the digest of a key.
        hide_parameters=True,
        json_deserializer=read_json,
        connect_args={
            "timeout": connect_timeout,
            # Existing columns hold UTC without saying so; the connection must not add a zone of its own.
            "server_settings": {"application_name": "platform-config-api", "timezone": "UTC"},
        },
    )
