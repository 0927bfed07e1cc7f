"""What uvicorn makes its connections by."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from graphql_api.connection import Connection
from graphql_api.connection_limits import ConnectionLimits
from graphql_api.open_connections import OpenConnections

if TYPE_CHECKING:
    import asyncio

    from graphql_api.settings import Settings


def connections(settings: Settings) -> type[asyncio.Protocol]:
    """Give what uvicorn makes its connections by, as its `http`; it can be sent to other processes."""
    made_by = partial(
        Connection,
        limits=ConnectionLimits(
            header_bytes=settings.http_maximum_header_bytes,
            receive_seconds=settings.http_receive_seconds,
            send_seconds=settings.http_send_seconds,
        ),
        open_connections=OpenConnections(settings.http_maximum_connections),
    )
    # uvicorn only calls it, and says that it has to be a class.
    return cast("type[asyncio.Protocol]", made_by)
