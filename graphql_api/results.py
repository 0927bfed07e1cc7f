"""Writing results as responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response
from strawberry.types.execution import PreExecutionError

from graphql_api.media_types import JSON
from graphql_api.refusals import NOT_STORED, RETRY_AFTER, SERVICE_UNAVAILABLE
from schema.error_codes import UNAVAILABLE, presented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import GraphQLError
    from strawberry.types import ExecutionResult


def written(result: ExecutionResult, media_type: str, *, request_id: str, suggestions: bool) -> Response:
    """Write a result, with what a caller may see of its errors; `suggestions`: also what names there are."""
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
    status = _status(errors, executed=executed, media_type=media_type)
    return Response(
        orjson.dumps(body),
        status_code=status,
        headers=NOT_STORED | RETRY_AFTER if status == SERVICE_UNAVAILABLE else NOT_STORED,
        media_type=media_type,
    )


def _status(errors: Sequence[GraphQLError], *, executed: bool, media_type: str) -> int:
    """Choose the status: the newer media type tells a refused request by it, the older one answers 200."""
    if any((error.extensions or {}).get("code") == UNAVAILABLE for error in errors):
        return SERVICE_UNAVAILABLE
    return 200 if executed or media_type == JSON else 400
