"""Answers and refusals of the hand-written endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

# Columns of the older tables hold UTC without saying so.
_OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


class NotFound(Exception):
    """What was named does not exist."""


class Refused(Exception):
    """The request cannot be done as it is."""


def answer(name: str, value: Any) -> Response:
    """Answer with a value under a name."""
    return Response(orjson.dumps({"data": {name: value}}, option=_OPTIONS), media_type="application/json")


async def not_found(_: Request, __: Exception) -> Response:
    """Answer 404."""
    return Response(b'{"error":"not found"}', 404, media_type="application/json")


async def refused(_: Request, error: Exception) -> Response:
    """Answer 422 with what is wrong."""
    return Response(orjson.dumps({"error": str(error)}), 422, media_type="application/json")
