"""The application as it is shipped, and with limits taken out of it. There is no setting for that: parts are replaced.

Everything else of each variant is the program's own, put together by the program: also without limits a document is
parsed and validated once, and its operations are compiled.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from strawberry.extensions import ParserCache, ValidationCache

import graphql_api.app
from db.text_budget import StoredMessage, TextBudget, stored_message
from graphql_api import log_context
from graphql_api.arrival import ARRIVAL, Arrival, arrival_of
from graphql_api.body import CallerLeft
from graphql_api.endpoint import GraphQLEndpoint
from graphql_api.media_types import is_json
from graphql_api.operation import operation_in_body, operation_in_parameters
from graphql_api.refusals import bad_request
from graphql_api.requests import request_id
from graphql_api.results import written
from schema.build import build_schema
from schema.context import Context
from schema.documents.checks import Checks
from schema.documents.prepared import Checked, Documents
from schema.payload_arguments import PayloadArguments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import ColumnElement, FromClause
    from starlette.responses import Response
    from starlette.types import Receive, Scope

    from db.database import Database
    from db.text_budget import StatementOfMessages
    from domain.viewer import Viewer
    from graphql_api.headers import RequestHeaders
    from graphql_api.operation import Operation
    from schema.build import Schema
    from schema.documents.exploration import Exploration
    from schema.documents.limits import DocumentLimits
    from schema.documents.prepared import PreparedDocument


class _WithoutDeadline(GraphQLEndpoint):
    """Stops nothing: neither when it takes too long nor when the caller leaves."""

    async def _within_time(self, scope: Scope, receive: Receive, headers: RequestHeaders, media_type: str) -> Response:
        arrival: Arrival = scope.get(ARRIVAL) or arrival_of(scope)
        # The set that the deadlines watch over also says how many requests are worked on.
        self.deadlines.watched.add(arrival)
        try:
            return await self._execute(scope, receive, headers, media_type, arrival)
        finally:
            self.deadlines.watched.discard(arrival)


class _WithoutCounting(GraphQLEndpoint):
    """Counts neither the bytes of bodies, messages and answers nor the requests that are worked on.

    What begins requests in groups counts them all the same.
    """

    async def _execute(
        self,
        scope: Scope,
        receive: Receive,
        headers: RequestHeaders,
        media_type: str,
        arrival: Arrival,  # noqa: ARG002 - the signature of what it replaces
    ) -> Response:
        viewer = await self._viewer(scope, headers)
        log_context.add_viewer(viewer.name)
        if scope["method"] == "GET":
            operation = operation_in_parameters(scope["query_string"])
        else:
            operation = await self._posted(receive, headers)
        context = Context(database=self._database, rules=self._rules, viewer=viewer, new_text_budget=lambda: _UNCOUNTED)
        result = await self._result(operation, scope["method"], context)
        return written(
            result,
            media_type,
            request_id=request_id(scope),
            suggestions=self._exploration.allows(viewer),
            maximum_bytes=sys.maxsize,
            longest_text=0,
        )

    async def _posted(self, receive: Receive, headers: RequestHeaders) -> Operation:
        # What may be sent is no limit, so it is looked at as always.
        if not is_json(headers.content_type):
            raise bad_request("The benchmark sends JSON.", 415)
        if headers.content_encoding not in ("", "identity"):
            raise bad_request("The benchmark sends it as it is.", 415)
        return operation_in_body(await _whole_body(receive))


class _WithoutEither(_WithoutDeadline, _WithoutCounting):
    async def _within_time(self, scope: Scope, receive: Receive, headers: RequestHeaders, media_type: str) -> Response:
        return await self._execute(scope, receive, headers, media_type, _UNUSED)


async def _whole_body(receive: Receive) -> bytes:
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        whole: bytes = message.get("body", b"")
        return whole
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise CallerLeft
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)
        message = await receive()


class _Uncounted(TextBudget):
    """Has all messages sent, side by side, and neither PostgreSQL nor this process look how long they are."""

    async def read(
        self,
        database: Database,
        statement: StatementOfMessages,
        parameters: dict[str, Any],
        *,
        rows_maximum: int,  # noqa: ARG002 - the signature of what it replaces
    ) -> list[tuple[int, StoredMessage]]:
        records = await database.rows(statement(_as_they_are), **parameters)
        return [(record[0], stored_message(record[1:])) for record in records]


def _as_they_are(messages: FromClause) -> list[ColumnElement[Any]]:
    return [messages.c[name] for name in StoredMessage._fields]


_UNUSED: Final = Arrival(0.0)
_UNCOUNTED: Final = _Uncounted(sys.maxsize)


class _Kept(Documents):
    """Keeps documents for ever, without counting what they take. Their one operation passes, and no cost is told."""

    def prepare(self, text: str) -> PreparedDocument:
        if (prepared := self._kept.get(text)) is None:
            prepared = self._prepare(text)
            passed: dict[str | None, Checked] = {None: Checked(prepared.operations[0], (), {})}
            prepared = self._kept[text] = replace(prepared, passed=passed)
        return prepared


class _Unchecked(Checks):
    """Only finds the operation: what variables hold and what it costs is neither counted nor told."""

    def of(
        self,
        prepared: PreparedDocument,
        operation_name: str | None,
        variables: Mapping[str, Any],  # noqa: ARG002 - the signature of what it replaces
        viewer: Viewer,  # noqa: ARG002 - see above
    ) -> Checked:
        return prepared.passed[operation_name]


def _without_document_limits(limits: DocumentLimits, exploration: Exploration) -> Schema:
    schema = build_schema(limits, exploration)
    documents = _Kept(schema._schema, limits)  # noqa: SLF001 - how the program itself reaches it
    schema.checks = _Unchecked(documents, exploration)
    return schema


def _with_caches_of_framework(limits: DocumentLimits, exploration: Exploration) -> Schema:
    schema = build_schema(limits, exploration)
    schema.extensions = (ParserCache, ValidationCache, PayloadArguments)
    return schema


@dataclass(frozen=True, slots=True)
class Variant:
    """What to put the application together of, and whether its connections have bounds.

    Those without are uvicorn's own, but for what is no limit: they tell the application of a request's arrival, begin
    with requests in groups and send an answer at once, as all others do.
    """

    endpoint: type[GraphQLEndpoint] = GraphQLEndpoint
    schema: Callable[[DocumentLimits, Exploration], Schema] = build_schema
    bounded: bool = True
    executor: str = "compiled"

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Have the program put this variant together."""
        with (
            patch.object(graphql_api.app, "GraphQLEndpoint", with_code_of_its_own(self.endpoint)),
            patch.object(graphql_api.app, "build_schema", self.schema),
        ):
            yield


def with_code_of_its_own(original: type[Any]) -> type[Any]:
    """Give a class that does the same as another by copies of its functions, see applications.py."""
    functions: dict[str, Any] = {}
    for base in reversed(original.__mro__):
        for name, function in vars(base).items():
            if isinstance(function, FunctionType):
                functions[name] = copy = FunctionType(
                    function.__code__.replace(), function.__globals__, name, function.__defaults__, function.__closure__
                )
                copy.__kwdefaults__ = function.__kwdefaults__
    return type(original.__name__, (original,), functions)


SHIPPED: Final = "shipped"
AGAIN: Final = "shipped, again"
WITHOUT: Final = "without limits"
FRAMEWORK: Final = "Strawberry's own, without"

VARIANTS: Final = {
    WITHOUT: Variant(_WithoutEither, _without_document_limits, bounded=False),
    SHIPPED: Variant(),
    AGAIN: Variant(),
    FRAMEWORK: Variant(_WithoutEither, _with_caches_of_framework, bounded=False, executor="library"),
}
"""Compared in one process and over HTTP.

The shipped one is there twice: what it differs by from itself is chance. The last has Strawberry's executor, and its
caches of parsed and validated documents in place of ours.
"""

PARTS: Final = {
    "document limits": Variant(schema=_without_document_limits),
    "deadline": Variant(_WithoutDeadline),
    "bytes and requests counted": Variant(_WithoutCounting),
    "bounds of connections": Variant(bounded=False),
}
"""The shipped one without one part of the limits.

What is due to the bounds of connections may be less than nothing, since they replace uvicorn's own timer for idle ones.
"""
