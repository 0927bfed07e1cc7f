"""Putting the application together."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import RedirectResponse
from starlette.routing import Route

from db.database import Database
from db.engine import SERVING_LIMITS, create_engine, database_url
from graphql_api.authentication import Authenticator
from graphql_api.beginnings import BEGINNINGS, Beginnings
from graphql_api.endpoint import GraphQLEndpoint, RequestLimits
from graphql_api.execution.execution import Execution
from graphql_api.graphiql_page import GraphiQLPage
from graphql_api.health import Readiness, livez, readyz
from graphql_api.key_use import KeyUse
from graphql_api.requests import RequestLog
from graphql_api.shutdown import SECONDS_TO_CLOSE, QuietEnd, Shutdown
from graphql_api.wrong_keys import WrongKeys
from schema.build import build_schema
from schema.context import PlatformRules

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from graphql_api.settings import Settings

logger = structlog.stdlib.get_logger(__name__)

GRAPHQL_PATH = "/graphql"
GRAPHIQL_DIRECTORY = Path(__file__).parent / "graphiql"


def create_app(settings: Settings) -> Starlette:
    """Make the application. Its settings have to name a database; the database need not be reachable yet."""
    if settings.database_url is None:
        raise ValueError("the application needs DATABASE_URL; the serve command provides it on a laptop")
    url = database_url(settings.database_url.get_secret_value())
    database = Database(
        create_engine(
            url,
            pool_size=settings.database_pool_size,
            limits=SERVING_LIMITS,
            behind_pooler=settings.database_pooler != "none",
        )
    )
    shutdown = Shutdown(settings.shutdown_delay_seconds)
    key_use = KeyUse(database)
    authenticator = Authenticator(settings, database, key_use, WrongKeys(settings.wrong_keys_per_minute))
    page = GraphiQLPage.from_directory(GRAPHIQL_DIRECTORY)
    endpoint = GraphQLEndpoint(
        Execution(
            build_schema(settings.document_limits(), settings.graphql_exploration),
            compiled=settings.graphql_executor == "compiled",
        ),
        database=database,
        rules=PlatformRules(settings.defaults(), settings.admin_users(), settings.session_timeout()),
        authenticator=authenticator,
        page=page,
        exploration=settings.graphql_exploration,
        limits=RequestLimits(
            body_bytes=settings.http_maximum_body_bytes,
            response_bytes=settings.http_maximum_response_bytes,
            seconds=settings.http_request_seconds,
            at_once=settings.http_maximum_requests,
        ),
    )

    beginnings = Beginnings(endpoint.in_flight, endpoint.deadlines)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        if not page.is_bundled:
            logger.warning(
                "GraphiQL is not built, so its page loads from a CDN; `make graphiql` builds it (needs Node)."
            )
        with shutdown.heeded():
            yield {BEGINNINGS: beginnings}
        # What a silent database holds up ends with the process.
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS_TO_CLOSE):
                await key_use.finish()
                await database.close()

    app = Starlette(
        routes=[
            Route("/", _to_graphql),
            Route(GRAPHQL_PATH, endpoint),
            Route("/livez", livez),
            Route("/readyz", readyz),
            *page.routes(),
        ],
        middleware=[
            Middleware(QuietEnd),
            Middleware(RequestLog, is_key=authenticator.is_key_of_process),
            *(
                [
                    Middleware(
                        CORSMiddleware,
                        allow_origins=settings.cors_allowed_origins,
                        allow_methods=["GET", "POST"],
                        allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
                        expose_headers=["X-Request-ID", "Retry-After"],
                    )
                ]
                if settings.cors_allowed_origins
                else []
            ),
            Middleware(Straight, path=GRAPHQL_PATH, endpoint=endpoint),
        ],
        lifespan=lifespan,
    )
    # It would lead to whatever host the caller names.
    app.router.redirect_slashes = False
    app.state.database = database
    app.state.readiness = Readiness(database)
    app.state.shutdown = shutdown
    return app


class Straight:
    """ASGI middleware: leads to one path without looking through all routes, which takes as long as to read a request.

    The path is a route all the same: under a prefix that a proxy leaves on, it is found there.
    """

    def __init__(self, app: ASGIApp, *, path: str, endpoint: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        is_straight = scope["type"] == "http" and scope["path"] == self._path
        await (self._endpoint if is_straight else self._app)(scope, receive, send)


async def _to_graphql(_: Request) -> Response:
    return RedirectResponse(GRAPHQL_PATH)
