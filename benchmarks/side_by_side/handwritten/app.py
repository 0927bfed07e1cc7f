"""The application: Starlette, asyncpg and orjson, and nothing in between that is not needed."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.side_by_side.handwritten import changes, reads
from benchmarks.side_by_side.handwritten.answers import NotFound, Refused, not_found, refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

CONNECTIONS = 10
"""As many as the program has by default."""

_UNAUTHENTICATED = Response(b'{"error":"no valid key"}', 401, media_type="application/json")


class KeyRequired:
    """Lets requests through that bear the key, which is compared by its digest in constant time."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._digest = hashlib.sha256(key.encode()).digest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http" and not self._is_authorised(scope):
            await _UNAUTHENTICATED(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_authorised(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"authorization":
                scheme, _, key = value.partition(b" ")
                given = hashlib.sha256(key.strip()).digest()
                return scheme.lower() == b"bearer" and hmac.compare_digest(given, self._digest)
        return False


def create_app(address: str, key: str) -> Starlette:
    """Make the application over a database, for whoever bears the key."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(
            address,
            min_size=CONNECTIONS,
            max_size=CONNECTIONS,
            init=_prepare_connection,
            # Nothing here leaves anything behind on a connection, so that no round trip is needed to clear it.
            reset=_leave_as_it_is,
            server_settings={"timezone": "UTC"},
        ) as pool:
            app.state.pool = pool
            yield

    return Starlette(
        routes=[
            Route("/team", reads.team),
            Route("/teams", reads.teams),
            Route("/teams/names-and-models", reads.names_and_models),
            Route("/teams/with-sessions-and-keys", reads.with_sessions_and_keys),
            Route("/usage", reads.usage),
            Route("/create-team", changes.create_team, methods=["POST"]),
            Route("/update-team-overrides", changes.update_team_overrides, methods=["POST"]),
        ],
        middleware=[Middleware(KeyRequired, key=key)],
        exception_handlers={NotFound: not_found, Refused: refused},
        lifespan=lifespan,
    )


async def _prepare_connection(connection: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=changes.encode_json, decoder=orjson.loads)


async def _leave_as_it_is(_: Any) -> None:
    pass
