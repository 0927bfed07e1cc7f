"""Refusals of a whole request, in the form of a GraphQL response."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from starlette.responses import Response

from domain.echo import shortened
from graphql_api.media_types import JSON
from schema.error_codes import (
    INTERNAL,
    INTERNAL_MESSAGE,
    UNAUTHENTICATED,
    UNAUTHENTICATED_MESSAGE,
    UNAVAILABLE,
    UNAVAILABLE_MESSAGE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

BAD_REQUEST = "BAD_REQUEST"
HEADERS_TOO_LARGE = "HEADERS_TOO_LARGE"
OVERLOADED = "OVERLOADED"
PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
TIMEOUT = "TIMEOUT"
TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"

SERVICE_UNAVAILABLE = 503
NOT_STORED = {"Vary": "Accept", "Cache-Control": "no-store"}
RETRY_AFTER = {"Retry-After": "1"}


class Refusal(Exception):
    """A request that is answered with an error and not executed."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}
        self.body = orjson.dumps(
            {"errors": [{"message": message, "extensions": {"code": code, **(extensions or {})}}]},
        )

    def response(self, media_type: str = JSON) -> Response:
        """Give what is sent."""
        return Response(
            self.body, status_code=self.status, headers=NOT_STORED | dict(self.headers), media_type=media_type
        )


def bad_request(message: str, status: int = 400) -> Refusal:
    """Refuse a request that is no GraphQL request."""
    return Refusal(status, BAD_REQUEST, shortened(message))


def method_not_allowed(message: str, allowed: str) -> Refusal:
    """Refuse a method, and name those that are `allowed`."""
    return Refusal(405, BAD_REQUEST, message, {"Allow": allowed})


def too_large(maximum: int) -> Refusal:
    """Refuse a body that has more than `maximum` bytes."""
    return Refusal(
        413,
        PAYLOAD_TOO_LARGE,
        f"The body may have at most {maximum:,} bytes (HTTP_MAXIMUM_BODY_BYTES): send less at once.",
    )


def headers_too_large(maximum: int) -> Refusal:
    """Refuse a request whose first line and headers have more than `maximum` bytes."""
    return Refusal(
        431,
        HEADERS_TOO_LARGE,
        f"The request line and the headers may have at most {maximum:,} bytes together (HTTP_MAXIMUM_HEADER_BYTES): "
        "send long documents and variables by POST.",
    )


def sent_too_slowly(seconds: float) -> Refusal:
    """Refuse a request that was not sent within `seconds`."""
    return Refusal(408, REQUEST_TIMEOUT, f"The request did not arrive within {seconds:g} s (HTTP_RECEIVE_SECONDS).")


def timed_out(seconds: float) -> Refusal:
    """Say that a request was stopped because it took longer than `seconds`."""
    return Refusal(
        504,
        TIMEOUT,
        f"The request took longer than {seconds:g} s (HTTP_REQUEST_SECONDS) and was stopped: ask for less at "
        "once, or try again later. After a mutation, look first whether it took place.",
    )


def overloaded() -> Refusal:
    """Refuse while as much is going on as may."""
    return Refusal(
        SERVICE_UNAVAILABLE,
        OVERLOADED,
        "The service is working on as many requests as it can; nothing was done. Try again in a moment.",
        RETRY_AFTER,
    )


def too_many_wrong_keys(retry_after: int) -> Refusal:
    """Refuse to look at a key; `retry_after` is seconds."""
    return Refusal(
        429,
        TOO_MANY_REQUESTS,
        f"Too many wrong API keys came from this address, so this one was not looked at. Try again in {retry_after} s.",
        {"Retry-After": str(retry_after)},
    )


def unauthenticated() -> Refusal:
    """Refuse a caller without a valid key: one answer, whatever is wrong with the key."""
    return Refusal(401, UNAUTHENTICATED, UNAUTHENTICATED_MESSAGE, {"WWW-Authenticate": "Bearer"})


def unavailable() -> Refusal:
    """Refuse while the database cannot be reached."""
    return Refusal(SERVICE_UNAVAILABLE, UNAVAILABLE, UNAVAILABLE_MESSAGE, RETRY_AFTER)


def cut_short() -> Refusal:
    """Say that a request was stopped because the process ends."""
    return Refusal(
        SERVICE_UNAVAILABLE,
        UNAVAILABLE,
        "The service is shutting down and stopped the request: send it again in a moment. After a mutation, look first "
        "whether it took place.",
        RETRY_AFTER,
    )


def internal_error(request_id: str) -> Refusal:
    """Answer where the service itself failed."""
    return Refusal(500, INTERNAL, INTERNAL_MESSAGE, extensions={"requestId": request_id})
