"""Writing results as responses."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response
from strawberry.types.execution import PreExecutionError

from graphql_api.media_types import JSON
from graphql_api.refusals import NOT_STORED, RETRY_AFTER, SERVICE_UNAVAILABLE
from schema.error_codes import UNAVAILABLE, presented
from schema.response_limit import too_large_a_response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import GraphQLError
    from strawberry.types import ExecutionResult


def written(
    result: ExecutionResult,
    media_type: str,
    *,
    request_id: str,
    suggestions: bool,
    maximum_bytes: int,
    longest_text: int,
) -> Response:
    """Write a result, with what a caller may see of its errors; `suggestions`: also what names there are.

    A result that would have more than `maximum_bytes` is not sent; the answer says so instead. One with messages, of
    which none has more than `longest_text` bytes, is looked at before it is written: their text may be long and shown
    many times. All else is bounded by its price.
    """
    before_execution = isinstance(result, PreExecutionError)
    errors = presented(
        result.errors or (), before_execution=before_execution, request_id=request_id, suggestions=suggestions
    )
    # An error without a path stands for the whole request: it was not executed, so there is no `data`.
    executed = not before_execution and (result.data is not None or any(error.path for error in errors))
    body: dict[str, Any] = {}
    if errors:
        body["errors"] = [error.formatted for error in errors]
    if executed:
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    is_too_much = (
        longest_text > 0
        and longest_text * _texts_maximum(result) > maximum_bytes
        and not text_is_within(result.data, maximum_bytes)
    )
    content = None if is_too_much else _json(body)
    if content is None or len(content) > maximum_bytes:
        content = _json({**body, "errors": [too_large_a_response(maximum_bytes).formatted], "data": None})
    status = _status(errors, executed=executed, media_type=media_type)
    response = _Written(content, status)
    response.raw_headers = [*_headers(media_type), (b"content-length", b"%d" % len(content))]
    if status == SERVICE_UNAVAILABLE:
        response.headers.update(RETRY_AFTER)
    return response


class _Written(Response):
    """A response whose headers are written already: to write the same ones each time takes longer than the answer."""

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Leave them to whoever made it."""


@cache
def _headers(media_type: str) -> list[tuple[bytes, bytes]]:
    """Give what the headers of all answers of a media type have in common."""
    return [
        (name.lower().encode(), value.encode()) for name, value in (NOT_STORED | {"Content-Type": media_type}).items()
    ]


def _texts_maximum(result: ExecutionResult) -> int:
    """Give how many texts there may be in an answer: no more than its price, which counts each field of it."""
    cost = (result.extensions or {}).get("cost")
    return sys.maxsize if cost is None else cost["requested"]


def text_is_within(data: Any, maximum_bytes: int) -> bool:
    """Say whether the names and the text in an answer have no more bytes; it looks no further once they have.

    All aliases of a long field show one text in memory. Written down, each has a copy of its own.
    """
    left = maximum_bytes
    waiting = [data]
    while waiting and left >= 0:
        value = waiting.pop()
        if isinstance(value, str):
            left -= len(value) if value.isascii() else len(value.encode())
        elif isinstance(value, dict):
            left -= sum(map(len, value))
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return left >= 0


def _json(body: dict[str, Any]) -> bytes:
    # Compiled execution leaves moments in UTC as they are: see graphql_api/execution/leaves.py.
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


def _status(errors: Sequence[GraphQLError], *, executed: bool, media_type: str) -> int:
    """Choose the status: the newer media type tells a refused request by it, the older one answers 200."""
    if any((error.extensions or {}).get("code") == UNAVAILABLE for error in errors):
        return SERVICE_UNAVAILABLE
    return 200 if executed or media_type == JSON else 400
