"""GraphQL over HTTP, and GraphiQL for browsers, at one address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import structlog
from cross_web import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from strawberry.asgi import GraphQL
from strawberry.types.execution import ExecutionResult, PreExecutionError

from db.errors import DatabaseUnavailable
from graphql_api.refusals import (
    NOT_STORED,
    RETRY_AFTER,
    SERVICE_UNAVAILABLE,
    bad_request,
    unauthenticated,
    unavailable,
)
from graphql_api.requests import request_id
from schema.context import Context, PlatformRules
from schema.error_codes import UNAVAILABLE, presented

if TYPE_CHECKING:
    from graphql import GraphQLError
    from starlette.types import Receive, Scope, Send
    from starlette.websockets import WebSocket
    from strawberry.http import GraphQLHTTPResponse

    from db.database import Database
    from domain.viewer import Viewer
    from graphql_api.authentication import Authenticator
    from graphql_api.graphiql_page import GraphiQLPage
    from schema.build import Schema
    from schema.documents.exploration import Exploration

logger = structlog.stdlib.get_logger(__name__)

_JSON = "application/json"
_GRAPHQL_RESPONSE = "application/graphql-response+json"
# Not a registered status: nobody is left to read it, and the log tells it from others by it, as nginx does.
_CLIENT_CLOSED_REQUEST = 499


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
        exploration: Exploration,
    ) -> None:
        super().__init__(schema, subscription_protocols=())
        self._database = database
        self._rules = rules
        self._authenticator = authenticator
        self._page = page
        self._exploration = exploration

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
            return unavailable()
        if viewer is None:
            return unauthenticated()
        request.state.viewer = viewer
        structlog.contextvars.bind_contextvars(viewer=viewer.name)
        try:
            response: Response = await self.run(request)
        except HTTPException as refusal:
            return bad_request(refusal.status_code, refusal.reason)
        except ClientDisconnect:
            logger.info("The caller left before its request was read.")
            return Response(status_code=_CLIENT_CLOSED_REQUEST)
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
        errors = presented(
            result.errors or (),
            before_execution=before_execution,
            request_id=request_id(request.scope),
            suggestions=self._exploration.allows(request.state.viewer),
        )
        # An error without a path stands for the whole request: it was not executed, so there is no `data`.
        executed = not before_execution and (result.data is not None or any(error.path for error in errors))
        response: Response = request.state.response
        response.status_code = _status(errors, executed=executed, media_type=response.media_type)
        body: dict[str, Any] = {}
        if errors:
            body["errors"] = [error.formatted for error in errors]
        if executed:
            body["data"] = result.data
        if result.extensions:
            body["extensions"] = result.extensions
        return body  # type: ignore[return-value] # the framework's type wants `data` where the specification forbids it

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """Send the response that was prepared."""
        retry = RETRY_AFTER if sub_response.status_code == SERVICE_UNAVAILABLE else {}
        return Response(
            orjson.dumps(response_data),
            status_code=sub_response.status_code,
            headers=NOT_STORED | retry,
            media_type=sub_response.media_type,
        )

    def should_render_graphql_ide(self, request: object) -> bool:  # noqa: ARG002 - the framework's signature
        """Never give out the framework's own page: ours has a policy, and was offered before."""
        return False

    def parse_json(self, data: str | bytes) -> Any:
        """Read the body of a request, or one of its parameters.

        Raises:
            HTTPException: it is no JSON, or the body is none of an object.
        """
        value = super().parse_json(data)
        if isinstance(data, bytes) and not isinstance(value, dict):
            raise HTTPException(400, "The body has to be a JSON object with `query`, and `variables` where it has any.")
        return value

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
    return _GRAPHQL_RESPONSE if _GRAPHQL_RESPONSE in request.headers.get("accept", "") else _JSON


def _status(errors: list[GraphQLError], *, executed: bool, media_type: str | None) -> int:
    """Choose the status: the newer media type tells a refused request by it, the older one answers 200."""
    if any((error.extensions or {}).get("code") == UNAVAILABLE for error in errors):
        return SERVICE_UNAVAILABLE
    return 200 if executed or media_type == _JSON else 400
