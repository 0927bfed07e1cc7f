"""What Schemathesis is told of this API: how moments look, what every response has to be, and what is no failure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes
from schemathesis.graphql.checks import GraphQLServerError

if TYPE_CHECKING:
    from schemathesis import Case, CheckContext, HookContext, Response
    from schemathesis.core.failures import Failure

RESPONSE_MAXIMUM_BYTES = 1_048_576
"""Larger than this no response may be, whatever a document of the fuzzer asks for."""

UNEXPECTED_CODES = frozenset({"INTERNAL", "UNAVAILABLE", "UNAUTHENTICATED"})

_MOMENTS = st.datetimes(
    datetime(1, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    datetime(9999, 12, 31),  # noqa: DTZ001 - see above
    timezones=st.just(UTC),
)
schemathesis.graphql.scalar("DateTime", _MOMENTS.map(datetime.isoformat).map(nodes.String))


@schemathesis.check
def is_strict_json_of_a_bounded_size(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
    """Hold that a response is JSON to the letter (no NaN, no lone surrogates) and within its limit."""
    orjson.loads(response.content)
    size = len(response.content)
    assert size <= RESPONSE_MAXIMUM_BYTES, f"The response has {size} bytes, more than {RESPONSE_MAXIMUM_BYTES}."


@schemathesis.check
def errors_have_codes_and_none_is_of_the_service(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
    """Hold that every error says by its code what it is, and that none says that the service failed."""
    for error in response.json().get("errors", ()):
        code = error.get("extensions", {}).get("code")
        assert isinstance(code, str), f"An error without a code: {error}"
        assert code not in UNEXPECTED_CODES, f"{code}: {error['message']}"


@schemathesis.hook
def filter_failure(_context: HookContext, failure: Failure, _case: Case[Any], _response: Response) -> bool:
    """Drop what is none: Schemathesis takes an operation that a caller has no right to for a server's error."""
    return not (isinstance(failure, GraphQLServerError) and _forbids(failure.errors))


def _forbids(errors: list[Any]) -> bool:
    return all(error.get("extensions", {}).get("code") == "FORBIDDEN" for error in errors)
