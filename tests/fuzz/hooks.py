"""What Schemathesis is told of this API: how moments look, what every response has to be, and what is no failure."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphql
import orjson
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData
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
def flatmap_body(_context: HookContext, body: graphql.DocumentNode) -> st.SearchStrategy[graphql.DocumentNode]:
    """Leave one field of each oneOf input, which the library that makes the documents does not know of.

    And leave most pages at the beginning of their list: hardly any text is a cursor.
    """
    return st.integers(min_value=0, max_value=11).map(lambda number: _sensible(body, number))


@schemathesis.hook
def filter_failure(_context: HookContext, failure: Failure, case: Case[Any], _response: Response) -> bool:
    """Drop what is none.

    Schemathesis takes an operation that a caller has no right to for a server's error. And what it made invalid may be
    valid without the fields that were left out above.
    """
    if isinstance(failure, GraphQLServerError):
        return not all(error.get("extensions", {}).get("code") == "FORBIDDEN" for error in failure.errors)
    return not (isinstance(failure, AcceptedNegativeData) and case.operation.label in _WITH_ONE_OF)


_SCHEMA = graphql.build_schema((Path(__file__).parents[2] / "schema" / "schema.graphql").read_text(encoding="utf-8"))
_INT_END = 2**31
_WITH_ONE_OF = ("Query.team", "Query.session")


class _Sensible(graphql.Visitor):
    def __init__(self, types: graphql.TypeInfo, number: int) -> None:
        super().__init__()
        self._types = types
        self._number = number

    def leave_object_value(self, node: graphql.ObjectValueNode, *_: object) -> graphql.ObjectValueNode | None:
        kind = graphql.get_nullable_type(self._types.get_input_type())
        if not isinstance(kind, graphql.GraphQLInputObjectType) or not kind.is_one_of:
            return None
        given = [field for field in node.fields if not isinstance(field.value, graphql.NullValueNode)]
        nothing = graphql.ObjectFieldNode(name=graphql.NameNode(value="id"), value=graphql.StringValueNode(value=""))
        return graphql.ObjectValueNode(fields=(given[self._number % len(given)] if given else nothing,))

    def leave_argument(self, node: graphql.ArgumentNode, *_: object) -> object:
        # What was made invalid stays.
        fits = {"after": graphql.StringValueNode, "before": graphql.StringValueNode, "last": graphql.IntValueNode}
        small = not isinstance(node.value, graphql.IntValueNode) or abs(int(node.value.value)) < _INT_END
        leaves = isinstance(node.value, fits.get(node.name.value, ())) and small and self._number % 4
        return graphql.REMOVE if leaves else None


def _sensible(document: graphql.DocumentNode, number: int) -> graphql.DocumentNode:
    types = graphql.TypeInfo(_SCHEMA)
    changed: graphql.DocumentNode = graphql.visit(document, graphql.TypeInfoVisitor(types, _Sensible(types, number)))
    return changed
