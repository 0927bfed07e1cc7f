"""Every request has an id, and a line in the log."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from typing import TYPE_CHECKING

import structlog

from graphql_api import log_context
from graphql_api.arrival import ARRIVAL
from graphql_api.refusals import cut_short, internal_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from graphql_api.arrival import Arrival

logger = structlog.stdlib.get_logger(__name__)

HEADER = b"x-request-id"
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
_ACCEPTED_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LIKE_A_KEY = re.compile(rb"(?<![A-Za-z0-9])(ak|admin)_")
_PLAIN_WORD = re.compile(r"[a-z.]{0,16}")
_MAXIMUM_WORDS = 10
_FIRST_ERROR = 400


def request_id(scope: Scope) -> str:
    """Give the id of a request."""
    return str(scope["request_id"])


def new_request_id() -> str:
    """Make an id for a request that brings none."""
    return secrets.token_hex(16)


def headers_of_all(identity: str) -> list[tuple[bytes, bytes]]:
    """Give the headers that every response has, for a request with this id."""
    return [(HEADER, identity.encode()), _NO_SNIFFING]


class RequestLog:
    """ASGI middleware: takes the caller's `X-Request-ID` or makes one, answers with it, and logs the outcome.

    Neither headers nor bodies nor query strings are logged: all three may hold secrets. So may the path where somebody
    mistook the address, so that no more of it is logged then than plain words. An id that holds a secret is replaced;
    `is_key` tells of those that look like nothing special.
    """

    def __init__(self, app: ASGIApp, *, is_key: Callable[[str], bool]) -> None:
        self._app = app
        self._is_key = is_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Its connection may have refused it before it came here.
        identity = scope.get("request_id") or self._identity(scope)
        scope["request_id"] = identity
        log_context.begin(identity)
        began = time.perf_counter()
        status = 500
        answered = False
        arrival: Arrival | None = scope.get(ARRIVAL)

        async def send_with_id(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                message["headers"] = [*message.get("headers", ()), *headers_of_all(identity)]
                if arrival is not None:
                    # To send may take as long as its caller does not read.
                    arrival.done()
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except asyncio.CancelledError:
            # A request is cancelled from outside where the process ends and does not wait for it any longer.
            logger.warning("A request was stopped, since the process ends.")
            if not answered:
                await cut_short().response()(scope, receive, send_with_id)
        except Exception:
            # The last resort, for what no part of the application foresaw: an answer in the form of all others.
            logger.exception("A request failed.")
            if not answered:
                await internal_error(identity).response()(scope, receive, send_with_id)
        finally:
            self._end(scope, status, began)

    def _end(self, scope: Scope, status: int, began: float) -> None:
        arrival: Arrival | None = scope.get(ARRIVAL)
        code = {}
        if arrival is not None:
            # First: a log that fails must keep nobody else from beginning.
            arrival.done()
            began = arrival.waited_from or began
            if arrival.refusal is not None:
                # Its connection answered, and what the application says of it goes nowhere.
                status, code = arrival.refusal.status, {"code": arrival.refusal.code}
        logger.info(
            "request",
            method=scope["method"],
            path=self._loggable(scope["path"], status),
            status=status,
            milliseconds=round((time.perf_counter() - began) * 1000, 1),
            **code,
        )
        log_context.end()

    def _loggable(self, path: str, status: int) -> str:
        if status < _FIRST_ERROR:
            # It is one of the application's own.
            return path
        return "/".join(
            word if _PLAIN_WORD.fullmatch(word) and not self._is_key(word) else "***"
            for word in path.split("/", _MAXIMUM_WORDS)
        )

    def _identity(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == HEADER and _ACCEPTED_ID.fullmatch(value) and not self._holds_secret(value, scope):
                return str(value.decode())
        return new_request_id()

    def _holds_secret(self, value: bytes, scope: Scope) -> bool:
        if _LIKE_A_KEY.search(value) or self._is_key(value.decode()):
            return True
        credentials = [sent.split()[-1] for name, sent in scope["headers"] if name == b"authorization" and sent.strip()]
        return any(credential in value for credential in credentials)
