"""The application as it is shipped, and with limits taken out of it. There is no setting for that: parts are replaced.

Everything else of each variant is the program's own, put together by the program. The bare one has the framework's own
caches of parsed and validated documents in place of ours; the cheapest one validates nothing. The shipped one is there
twice: what it differs by from itself is chance.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

import structlog
from graphql import parse
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache

import graphql_api.app
from graphql_api.body import CallerLeft
from graphql_api.endpoint import GraphQLEndpoint
from graphql_api.media_types import is_json
from graphql_api.operation import operation_in_body
from graphql_api.refusals import bad_request
from graphql_api.requests import request_id
from graphql_api.results import written
from schema.build import build_schema
from schema.payload_arguments import PayloadArguments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphql import DocumentNode
    from starlette.responses import Response
    from starlette.types import Receive, Scope

    from graphql_api.headers import RequestHeaders
    from graphql_api.operation import Operation
    from schema.build import Schema

_PARSED: Final[dict[str, DocumentNode]] = {}


class _WithoutDeadline(GraphQLEndpoint):
    async def _within_time(self, scope: Scope, receive: Receive, headers: RequestHeaders, media_type: str) -> Response:
        return await self._execute(scope, receive, headers, media_type)


class _WithoutCounting(GraphQLEndpoint):
    """Counts neither the bytes of a body nor the requests that are worked on."""

    async def _execute(self, scope: Scope, receive: Receive, headers: RequestHeaders, media_type: str) -> Response:
        viewer = await self._viewer(scope, headers)
        structlog.contextvars.bind_contextvars(viewer=viewer.name)
        operation = await self._posted(receive, headers)
        result = await self._result(operation, scope["method"], viewer)
        suggestions = self._exploration.allows(viewer)
        return written(result, media_type, request_id=request_id(scope), suggestions=suggestions)

    async def _posted(self, receive: Receive, headers: RequestHeaders) -> Operation:
        # What may be sent is no limit, so it is looked at as always.
        if not is_json(headers.content_type) or headers.content_encoding not in ("", "identity"):
            raise bad_request("The benchmark sends JSON as it is.", 415)
        return operation_in_body(await _whole_body(receive))


class _WithoutEither(_WithoutDeadline, _WithoutCounting):
    pass


class _Unchecked(SchemaExtension):
    """Keeps parsed documents for ever and takes each for valid: there is hardly a cheaper way to have one executed."""

    def on_parse(self) -> Iterator[None]:
        text = self.execution_context.query or ""
        if (document := _PARSED.get(text)) is None:
            document = _PARSED[text] = parse(text)
        self.execution_context.graphql_document = document
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = []
        yield


def _unchecked(*_: object) -> Schema:
    schema = build_schema()
    schema.extensions = (_Unchecked, PayloadArguments)
    return schema


def _with_caches_of_framework(*_: object) -> Schema:
    schema = build_schema()
    schema.extensions = (ParserCache, ValidationCache, PayloadArguments)
    return schema


@dataclass(frozen=True, slots=True)
class Variant:
    """An endpoint and a schema to put the application together of, and whether connections have bounds."""

    endpoint: type[GraphQLEndpoint] = GraphQLEndpoint
    schema: Callable[..., Schema] = build_schema
    bounded_connections: bool = True

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Have the program put this variant together."""
        with (
            patch.object(graphql_api.app, "GraphQLEndpoint", self.endpoint),
            patch.object(graphql_api.app, "build_schema", self.schema),
        ):
            yield


SHIPPED: Final = "shipped"
AGAIN: Final = "shipped, again"
BARE: Final = "bare"
CHEAPEST: Final = "cheapest"
WITHOUT_CONNECTIONS: Final = "uvicorn's connections"

_BARE: Final = Variant(_WithoutEither, _with_caches_of_framework, bounded_connections=False)
_CHEAPEST: Final = Variant(_WithoutEither, _unchecked, bounded_connections=False)

PARTS: Final = {
    "document limits": Variant(schema=_unchecked),
    "deadline": Variant(_WithoutDeadline),
    "bytes and requests counted": Variant(_WithoutCounting),
}
"""The shipped one without one part of the limits."""

IN_PROCESS: Final = {BARE: _BARE, CHEAPEST: _CHEAPEST, SHIPPED: Variant(), AGAIN: Variant(), **PARTS}
"""Compared within one process, where connections play no part."""

OVER_HTTP: Final = {
    BARE: _BARE,
    CHEAPEST: _CHEAPEST,
    SHIPPED: Variant(),
    AGAIN: Variant(),
    WITHOUT_CONNECTIONS: Variant(bounded_connections=False),
}
"""Compared as servers in another process."""


async def _whole_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerLeft
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)
