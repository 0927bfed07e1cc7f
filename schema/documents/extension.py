"""The framework's hooks through which documents are prepared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from domain.errors import Forbidden
from schema.documents.input_shape import NOTHING, measured
from schema.documents.limits import LimitExceeded, countable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema.documents.exploration import Exploration
    from schema.documents.prepared import Documents, PreparedDocument, PreparedOperation

INPUT_VALUES_MAXIMUM = 10_000
"""How many values all variables may hold: each takes time to be read before a field can refuse it."""

INPUT_LENGTH_MAXIMUM = 200
"""How long a list in a variable may be. No input takes more than 100; each use of a variable reads its list anew."""


class DocumentChecks(SchemaExtension):
    """Holds each request against the limits before anything is executed, and reports its cost."""

    def __init__(self, documents: Documents, exploration: Exploration) -> None:
        super().__init__()
        self._documents = documents
        self._exploration = exploration
        self._prepared: PreparedDocument | None = None
        self._cost: int | None = None

    def on_parse(self) -> Iterator[None]:
        """Parse the document, or take it from those that are kept."""
        if (text := self.execution_context.query) is not None:
            self._prepared = self._documents.prepare(text)
            self.execution_context.graphql_document = self._prepared.node
        yield

    def on_validate(self) -> Iterator[None]:
        """Refuse what cannot be executed; an empty list says that the document was validated."""
        if self._prepared is not None:
            self.execution_context.pre_execution_errors = self._refusals(self._prepared)
        yield

    def get_results(self) -> dict[str, Any]:
        """Report the cost in the response's extensions."""
        if self._cost is None:
            return {}
        return {"cost": {"requested": countable(self._cost), "maximum": self._documents.limits.cost}}

    def _refusals(self, prepared: PreparedDocument) -> list[GraphQLError]:
        if prepared.refusals:
            return list(prepared.refusals)
        context = self.execution_context
        # The public property gives the name of the first operation where none was asked for.
        operation = prepared.operation(context._provided_operation_name)  # noqa: SLF001 - see above
        if operation is None:
            # The GraphQL specification, 6.1; the framework would run the first and drop the others without a word.
            message = "The document has several operations: say which one to run with `operationName`."
            return [GraphQLError(message, nodes=[each.node for each in prepared.operations])]
        refusals = list(self._limits_exceeded(operation))
        if operation.introspects and not self._exploration.allows(context.context.viewer):
            refusals.append(
                GraphQLError(
                    "Introspection is for administrators here.", nodes=[operation.node], original_error=Forbidden()
                )
            )
        return refusals

    def _limits_exceeded(self, operation: PreparedOperation) -> Iterator[GraphQLError]:
        limits = self._documents.limits
        variables = self.execution_context.variables or {}
        given = measured(variables, values_maximum=INPUT_VALUES_MAXIMUM) if variables else NOTHING
        if given is None:
            yield LimitExceeded("input values", INPUT_VALUES_MAXIMUM, None, "Send several requests.")
            return
        if given.length > INPUT_LENGTH_MAXIMUM:
            yield LimitExceeded("input length", INPUT_LENGTH_MAXIMUM, given.length, "Send several requests.")
            return
        if given.depth > limits.input_depth:
            yield LimitExceeded("input depth", limits.input_depth, given.depth, "No input of this API is so deep.")
        self._cost = operation.cost(variables)
        if self._cost > limits.cost:
            yield LimitExceeded(
                "cost", limits.cost, self._cost, "Ask for fewer fields or smaller pages.", node=operation.node
            )
