"""Refusals of a whole request, in the form of a GraphQL response."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from domain.echo import shortened
from schema.error_codes import (
    INTERNAL,
    INTERNAL_MESSAGE,
    UNAUTHENTICATED,
    UNAUTHENTICATED_MESSAGE,
    UNAVAILABLE,
    UNAVAILABLE_MESSAGE,
)

BAD_REQUEST = "BAD_REQUEST"
METHOD_NOT_ALLOWED = 405
SERVICE_UNAVAILABLE = 503
NOT_STORED = {"Vary": "Accept", "Cache-Control": "no-store"}
RETRY_AFTER = {"Retry-After": "1"}


def bad_request(status: int, message: str) -> Response:
    """Refuse a request that is no GraphQL request."""
    return _refusal(
        status, shortened(message), BAD_REQUEST, {"Allow": "GET, POST"} if status == METHOD_NOT_ALLOWED else {}
    )


def unauthenticated() -> Response:
    """Refuse a caller without a valid key: one answer, whatever is wrong with the key."""
    return _refusal(401, UNAUTHENTICATED_MESSAGE, UNAUTHENTICATED, {"WWW-Authenticate": "Bearer"})


def unavailable() -> Response:
    """Refuse while the database cannot be reached."""
    return _refusal(SERVICE_UNAVAILABLE, UNAVAILABLE_MESSAGE, UNAVAILABLE, RETRY_AFTER)


def internal_error(request_id: str) -> Response:
    """Answer where the service itself failed."""
    return _refusal(500, INTERNAL_MESSAGE, INTERNAL, {}, requestId=request_id)


def _refusal(status: int, message: str, code: str, headers: dict[str, str], **extensions: str) -> Response:
    return JSONResponse(
        {"errors": [{"message": message, "extensions": {"code": code, **extensions}}]},
        status_code=status,
        headers=NOT_STORED | headers,
    )
