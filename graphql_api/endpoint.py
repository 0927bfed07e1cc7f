"""GraphQL over HTTP, and GraphiQL for browsers, at one address."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog
from starlette.responses import Response
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from db.errors import DatabaseUnavailable
from db.text_budget import TextBudget
from graphql_api import log_context
from graphql_api.arrival import ARRIVAL, arrival_of
from graphql_api.body import Bodies, CallerLeft
from graphql_api.deadlines import Deadlines
from graphql_api.headers import RequestHeaders
from graphql_api.in_flight import InFlight
from graphql_api.media_types import JSON, is_json, preference
from graphql_api.operation import Operation, operation_in_body, operation_in_parameters
from graphql_api.refusals import (
    Refusal,
    bad_request,
    method_not_allowed,
    overloaded,
    timed_out,
    too_large,
    too_many_wrong_keys,
    unauthenticated,
    unavailable,
)
from graphql_api.requests import request_id
from graphql_api.results import written
from graphql_api.wrong_keys import TooManyWrongKeys
from schema.context import Context, PlatformRules

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send
    from strawberry.types import ExecutionResult

    from db.database import Database
    from domain.viewer import Viewer
    from graphql_api.arrival import Arrival
    from graphql_api.authentication import Authenticator
    from graphql_api.execution.execution import Execution
    from graphql_api.graphiql_page import GraphiQLPage
    from schema.documents.exploration import Exploration

logger = structlog.stdlib.get_logger(__name__)

# Not a registered status: nobody is left to read it, and the log tells it from others by it, as nginx does.
_CLIENT_CLOSED_REQUEST = 499

_READS = OperationType.from_http("GET")
_ALL = OperationType.from_http("POST")


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """How many bytes a body and an answer may have, how many seconds a request may take, and how many at once."""

    body_bytes: int
    response_bytes: int
    seconds: float
    at_once: int


class GraphQLEndpoint:
    """The address of the API, an ASGI application.

    A browser that asks for a page gets GraphiQL, without a key. Everything else needs one. There are no subscriptions,
    so WebSockets are not taken.

    Before it is known who is calling, only the headers are looked at; a body is read once its sender is known. A
    request is stopped, and with it what the database does for it, when it takes longer than it may from its first byte
    on, and when its caller leaves.
    """

    def __init__(
        self,
        execution: Execution,
        *,
        database: Database,
        rules: PlatformRules,
        authenticator: Authenticator,
        page: GraphiQLPage,
        exploration: Exploration,
        limits: RequestLimits,
    ) -> None:
        self._execution = execution
        self._database = database
        self._rules = rules
        self._authenticator = authenticator
        self._page = page
        self._exploration = exploration
        self._limits = limits
        self.deadlines = Deadlines(limits.seconds)
        self.in_flight = InFlight(self.deadlines.watched, limits.at_once)
        self._bodies = Bodies(limits.body_bytes)
        self._new_text_budget = partial(TextBudget, limits.response_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        response = await self._answer(scope, receive)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        headers = RequestHeaders.of(scope)
        wanted = preference(headers.accept)
        reads = scope["method"] in ("GET", "HEAD")
        if reads and wanted.page and not _has_query(scope):
            return self._page.response()
        media_type = wanted.media_type or JSON
        try:
            if scope["method"] not in ("GET", "POST"):
                raise method_not_allowed("GraphQL is asked by GET or POST.", "GET, POST")
            if wanted.media_type is None:
                raise bad_request(
                    "The answer is application/graphql-response+json or application/json, and `Accept` takes neither.",
                    status=406,
                )
            return await self._within_time(scope, receive, headers, media_type)
        except Refusal as refusal:
            return refusal.response(media_type)
        except CallerLeft:
            if arrival_of(scope).refusal is None:
                logger.info("The caller left before it had its answer.")
            return Response(status_code=_CLIENT_CLOSED_REQUEST)

    async def _within_time(self, scope: Scope, receive: Receive, headers: RequestHeaders, media_type: str) -> Response:
        # Nearly always it is there, and to look costs less than the call.
        arrival: Arrival = scope.get(ARRIVAL) or arrival_of(scope)
        if arrival.left:
            raise CallerLeft
        if arrival.waited_from is not None and arrival.stopped:
            raise self._timed_out()
        deadlines = self.deadlines
        # Calls for what is done here for each request would take longer than what they do.
        arrival.task = asyncio.current_task(deadlines.loop)
        deadlines.watched.add(arrival)
        if arrival.began + deadlines.seconds < deadlines.rings:
            deadlines.ring_at(arrival.began + deadlines.seconds)
        try:
            response = await self._execute(scope, receive, headers, media_type, arrival)
        except asyncio.CancelledError:
            if not arrival.end(deadlines):
                raise
            if arrival.left:
                raise CallerLeft from None
            raise self._timed_out() from None
        except BaseException:
            arrival.end(deadlines)
            raise
        # As end() does, of which nothing else is left where nothing was stopped.
        if arrival.stopped:
            arrival.end(deadlines)
        else:
            deadlines.watched.discard(arrival)
            arrival.task = None
        return response

    def _timed_out(self) -> Refusal:
        logger.warning("A request took too long and was stopped.", seconds=self._limits.seconds)
        return timed_out(self._limits.seconds)

    async def _execute(
        self, scope: Scope, receive: Receive, headers: RequestHeaders, media_type: str, arrival: Arrival
    ) -> Response:
        if (headers.content_length or 0) > self._limits.body_bytes:
            raise too_large(self._limits.body_bytes)
        if arrival.is_too_much or len(self.in_flight.requests) > self.in_flight.maximum:
            raise overloaded()
        viewer = await self._viewer(scope, headers)
        log_context.add_viewer(viewer.name)
        if scope["method"] == "GET":
            operation = operation_in_parameters(scope["query_string"])
        elif arrival.is_whole:
            operation = await self._posted(receive, headers)
        else:
            # The body is waited for, which keeps nobody else from being served.
            with self.in_flight.pausing():
                operation = await self._posted(receive, headers)
        context = Context(
            database=self._database,
            rules=self._rules,
            viewer=viewer,
            new_text_budget=self._new_text_budget,
            step_aside=arrival.step_aside,
        )
        result = await self._result(operation, scope["method"], context)
        return written(
            result,
            media_type,
            request_id=request_id(scope),
            suggestions=self._exploration.allows(viewer),
            maximum_bytes=self._limits.response_bytes,
            longest_text=context.longest_text,
        )

    async def _viewer(self, scope: Scope, headers: RequestHeaders) -> Viewer:
        client = scope.get("client")
        try:
            viewer = await self._authenticator.viewer(headers.authorization, client[0] if client else "")
        except TooManyWrongKeys as error:
            raise too_many_wrong_keys(error.retry_after) from None
        except DatabaseUnavailable as error:
            logger.warning("The database is unavailable.", reason=str(error))
            raise unavailable() from None
        if viewer is None:
            raise unauthenticated()
        return viewer

    async def _posted(self, receive: Receive, headers: RequestHeaders) -> Operation:
        if not is_json(headers.content_type):
            raise bad_request("The body has to be JSON in UTF-8, and say so: `Content-Type: application/json`.", 415)
        if headers.content_encoding not in ("", "identity"):
            raise bad_request("The body has to be sent as it is, without `Content-Encoding`.", 415)
        return operation_in_body(await self._bodies.read(receive))

    async def _result(self, operation: Operation, method: str, context: Context) -> ExecutionResult:
        try:
            return await self._execution.execute(operation, context, _READS if method == "GET" else _ALL)
        except CannotGetOperationTypeError:
            if operation.name is None:
                raise bad_request("The document has no operation: send a query or a mutation in it.") from None
            raise bad_request("The document has no operation of the name in `operationName`.") from None
        except InvalidOperationTypeError:
            raise method_not_allowed("GET only reads: send mutations by POST.", "POST") from None


def _has_query(scope: Scope) -> bool:
    return any(pair.partition(b"=")[0] == b"query" for pair in scope["query_string"].split(b"&"))
