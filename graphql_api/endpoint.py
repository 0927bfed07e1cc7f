"""GraphQL over HTTP, and GraphiQL for browsers, at one address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import structlog
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from strawberry.asgi import GraphQL
from strawberry.types.execution import ExecutionResult, PreExecutionError

from db.errors import DatabaseUnavailable
from graphql_api.requests import request_id
from schema.context import Context, PlatformRules
from schema.error_codes import (
    INTERNAL,
    INTERNAL_MESSAGE,
    UNAUTHENTICATED,
    UNAUTHENTICATED_MESSAGE,
    UNAVAILABLE,
    UNAVAILABLE_MESSAGE,
    presented,
)

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send
    from starlette.websockets import WebSocket
    from strawberry.http import GraphQLHTTPResponse

    from db.database import Database
    from domain.viewer import Viewer
    from graphql_api.authentication import Authenticator
    from graphql_api.graphiql_page import GraphiQLPage
    from schema.build import Schema

logger = structlog.stdlib.get_logger(__name__)

BAD_REQUEST = "BAD_REQUEST"
JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
_RETRY_AFTER_SECONDS = "1"


class GraphQLEndpoint(GraphQL[Context, None]):
    """The address of the API.

    A browser that asks for a page gets GraphiQL, without a key. Everything else needs one. There are no subscriptions,
    so WebSockets are not taken.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        database: Database,
        rules: PlatformRules,
        authenticator: Authenticator,
        page: GraphiQLPage,
    ) -> None:
        super().__init__(schema, subscription_protocols=())
        self._database = database
        self._rules = rules
        self._authenticator = authenticator
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        request = Request(scope, receive)
        await (await self._answer(request))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if _asks_for_page(request):
            return self._page.response()
        try:
            viewer = await self._authenticator.viewer(_authorization(request))
        except DatabaseUnavailable as error:
            logger.warning("The database is unavailable.", reason=str(error))
            return _refusal(503, UNAVAILABLE, UNAVAILABLE_MESSAGE, {"Retry-After": _RETRY_AFTER_SECONDS})
        if viewer is None:
            return _refusal(401, UNAUTHENTICATED, UNAUTHENTICATED_MESSAGE, {"WWW-Authenticate": "Bearer"})
        request.state.viewer = viewer
        structlog.contextvars.bind_contextvars(viewer=viewer.name)
        try:
            response: Response = await self.run(request)
        except HTTPException as refusal:
            return _refusal(refusal.status_code, BAD_REQUEST, refusal.reason)
        except Exception:
            # The last resort: a caller gets an answer in the form of all others, whatever is wrong here.
            logger.exception("A request failed outside of its resolvers.")
            return _refusal(500, INTERNAL, INTERNAL_MESSAGE, request_id=request_id(request.scope))
        return response

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: ARG002 - the framework's signature
        """Make the context of one operation."""
        viewer: Viewer = request.state.viewer
        return Context(database=self._database, rules=self._rules, viewer=viewer)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Prepare the response: its media type is the caller's choice, its status that of the outcome."""
        response = Response(media_type=_media_type(request))
        request.state.response = response
        return response

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Write a result as a response, with what a caller may see of its errors."""
        before_execution = isinstance(result, PreExecutionError)
        errors = [
            presented(error, before_execution=before_execution, request_id=request_id(request.scope))
            for error in result.errors or ()
        ]
        response: Response = request.state.response
        response.status_code = _status(errors, data=result.data, media_type=response.media_type)
        body: dict[str, Any] = {}
        if errors:
            body["errors"] = [error.formatted for error in errors]
        if not before_execution:
            body["data"] = result.data
        if result.extensions:
            body["extensions"] = result.extensions
        return body  # type: ignore[return-value] # the framework's type wants `data` where the specification forbids it

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """Send the response that was prepared."""
        headers = {"Vary": "Accept", "Cache-Control": "no-store"}
        if sub_response.status_code == 503:  # noqa: PLR2004 - Service Unavailable
            headers["Retry-After"] = _RETRY_AFTER_SECONDS
        return Response(
            orjson.dumps(response_data),
            status_code=sub_response.status_code,
            headers=headers,
            media_type=sub_response.media_type,
        )

    def decode_json(self, data: str | bytes) -> object:
        """Read strict JSON."""
        return orjson.loads(data)


def _asks_for_page(request: Request) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and "query" not in request.query_params
        and "text/html" in request.headers.get("accept", "")
    )


def _authorization(request: Request) -> bytes | None:
    return next((value for name, value in request.scope["headers"] if name == b"authorization"), None)


def _media_type(request: Request | WebSocket) -> str:
    return GRAPHQL_RESPONSE if GRAPHQL_RESPONSE in request.headers.get("accept", "") else JSON


def _status(errors: list[Any], *, data: object, media_type: str | None) -> int:
    """Choose the status: the newer media type tells a refused request by it, the older one answers 200."""
    if any(error.extensions["code"] == UNAVAILABLE for error in errors):
        return 503
    return 400 if errors and data is None and media_type == GRAPHQL_RESPONSE else 200


def _refusal(
    status: int, code: str, message: str, headers: dict[str, str] | None = None, *, request_id: str | None = None
) -> Response:
    extensions = {"code": code} if request_id is None else {"code": code, "requestId": request_id}
    return JSONResponse(
        {"errors": [{"message": message, "extensions": extensions}]},
        status_code=status,
        headers={"Vary": "Accept", "Cache-Control": "no-store", **(headers or {})},
    )
