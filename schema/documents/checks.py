"""Whether an operation may be executed, with the values of its variables and for its caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from domain.errors import Forbidden
from schema.documents.input_shape import HOLD_NOTHING, measured
from schema.documents.limits import LimitExceeded
from schema.documents.prepared import Checked, cost_told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from domain.viewer import Viewer
    from schema.documents.exploration import Exploration
    from schema.documents.prepared import Documents, PreparedDocument, PreparedOperation

INPUT_VALUES_MAXIMUM = 10_000
"""How many values all variables may hold: each takes time to be read before a field can refuse it."""

INPUT_LENGTH_MAXIMUM = 200
"""How long a list in a variable may be. No input takes more than 100; each use of a variable reads its list anew."""


class Checks:
    """Holds each request against the limits before anything is executed."""

    def __init__(self, documents: Documents, exploration: Exploration) -> None:
        self.documents = documents
        self._limits = documents.limits
        self._exploration = exploration

    def of(
        self, prepared: PreparedDocument, operation_name: str | None, variables: Mapping[str, Any], viewer: Viewer
    ) -> Checked:
        """Check what a request asks for: the operation of a name, or the only one where no name is given."""
        passed = prepared.passed.get(operation_name)
        if passed is None and (by_sizes := prepared.passed_by_sizes.get(operation_name)) is not None:
            passed = by_sizes.find(variables)
        if passed is not None:
            # Of variables that hold no others, there is nothing to be measured.
            if not variables or (
                len(variables) <= INPUT_VALUES_MAXIMUM and HOLD_NOTHING.issuperset(map(type, variables.values()))
            ):
                return passed
            given = measured(variables, INPUT_VALUES_MAXIMUM)
            if given is not None and given[0] <= self._limits.input_depth and given[1] <= INPUT_LENGTH_MAXIMUM:
                return passed
        return self._checked(prepared, operation_name, variables, viewer)

    def _checked(
        self, prepared: PreparedDocument, operation_name: str | None, variables: Mapping[str, Any], viewer: Viewer
    ) -> Checked:
        """Check what nothing is known of, and keep it if it passes and others would."""
        if prepared.refusals:
            return Checked(None, prepared.refusals, {})
        operation = prepared.operation(operation_name)
        if operation is None:
            # The GraphQL specification, 6.1; the framework would run the first and drop the others without a word.
            message = "The document has several operations: say which one to run with `operationName`."
            return Checked(None, [GraphQLError(message, nodes=[each.node for each in prepared.operations])], {})
        try:
            depth = _depth(variables)
        except LimitExceeded as refusal:
            return Checked(operation, [refusal], {})
        cost = operation.cost(variables)
        checked = Checked(
            operation, list(self._refusals(operation, depth, cost, viewer)), cost_told(cost, self._limits.cost), cost
        )
        if not checked.refusals and (by_sizes := prepared.passed_by_sizes.get(operation_name)) is not None:
            by_sizes.keep(variables, checked)
        return checked

    def _refusals(self, operation: PreparedOperation, depth: int, cost: int, viewer: Viewer) -> Iterator[GraphQLError]:
        limits = self._limits
        if depth > limits.input_depth:
            yield LimitExceeded("input depth", limits.input_depth, depth, "No input of this API is so deep.")
        if cost > limits.cost:
            yield LimitExceeded(
                "cost", limits.cost, cost, "Ask for fewer fields or smaller pages.", node=operation.node
            )
        if operation.introspects and not self._exploration.allows(viewer):
            yield GraphQLError(
                "Introspection is for administrators here.", nodes=[operation.node], original_error=Forbidden()
            )


def _depth(variables: Mapping[str, Any]) -> int:
    """Give how deep variables are.

    Raises:
        LimitExceeded: they hold too much.
    """
    given = measured(variables, INPUT_VALUES_MAXIMUM)
    if given is None:
        raise LimitExceeded("input values", INPUT_VALUES_MAXIMUM, None, "Send several requests.")
    depth, length = given
    if length > INPUT_LENGTH_MAXIMUM:
        raise LimitExceeded("input length", INPUT_LENGTH_MAXIMUM, length, "Send several requests.")
    return depth
