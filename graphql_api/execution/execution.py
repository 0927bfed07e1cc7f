"""Executing the operations of requests: by a plan where there is one, else as the framework does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from graphql import GraphQLError
from graphql.execution.values import get_variable_values
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.utils.operation import get_operation_type

from graphql_api.execution.executor import PlanExecutor
from graphql_api.execution.plans import Plans
from schema.payload_arguments import JudgedFields, judged_fields, refusals_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from graphql import DocumentNode
    from strawberry.types.graphql import OperationType

    from graphql_api.operation import Operation
    from schema.build import Schema
    from schema.context import Context
    from schema.documents.checks import Checked
    from schema.documents.prepared import PreparedDocument, PreparedOperation

# As many as the library itself lists.
_FAULTS_OF_VARIABLES_MAXIMUM = 50


class Execution:
    """Executes operations over a schema: by plans, or `compiled=False` as the framework does."""

    def __init__(self, schema: Schema, *, compiled: bool) -> None:
        self._schema = schema
        self._checks = schema.checks
        self._plans = Plans(schema) if compiled else None
        # Of each mutation as long as it is kept: looking for them takes as long as all of its execution.
        self._judged: WeakKeyDictionary[PreparedOperation, JudgedFields] = WeakKeyDictionary()

    async def execute(
        self, operation: Operation, context: Context, allowed: Collection[OperationType]
    ) -> ExecutionResult:
        """Execute an operation of one of the types allowed; what is wrong with it, the result says.

        Raises:
            CannotGetOperationTypeError: the document has no operation of the name, or none at all.
            InvalidOperationTypeError: the operation is of a type that is not allowed.
        """
        if self._plans is None:
            return await self._by_the_framework(operation, context, allowed)
        try:
            prepared = self._checks.documents.prepare(operation.query)
        except Exception as error:  # noqa: BLE001 - as the framework has it: a defect is told like any other error
            return self._refused([_coerced(error)])
        _require_type(prepared.node, operation.name, allowed)
        result = await self._by_plan(self._plans, prepared, operation, context)
        return await self._by_the_framework(operation, context, allowed) if result is None else result

    async def _by_plan(
        self, plans: Plans, prepared: PreparedDocument, operation: Operation, context: Context
    ) -> ExecutionResult | None:
        """Execute by a plan, or refuse; None where there is nothing to refuse and no plan."""
        checked = None
        variables = operation.variables or {}
        schema = self._schema._schema  # noqa: SLF001 - the framework has no other way to it
        try:
            checked = self._checks.of(prepared, operation.name, variables, context.viewer)
            refusals = checked.refusals or self._payload_refusals(prepared, checked, variables)
            if refusals or checked.operation is None:
                return self._refused(refusals, checked)
            definitions = checked.operation.node.variable_definitions or ()
            values = get_variable_values(schema, definitions, variables, max_errors=_FAULTS_OF_VARIABLES_MAXIMUM)
            if isinstance(values, list):
                return self._executed(None, values, checked)
            plan = plans.plan(checked.operation, values)
            if plan is None:
                return None
            result = await PlanExecutor(plan, values, context).run()
            return self._executed(result.data, result.errors, checked)
        except Exception as error:  # noqa: BLE001 - see execute()
            return self._refused([_coerced(error)], checked)

    def _payload_refusals(
        self, prepared: PreparedDocument, checked: Checked, variables: Mapping[str, Any]
    ) -> list[GraphQLError]:
        operation = checked.operation
        if operation is None:
            return []
        judged = self._judged.get(operation)
        if judged is None:
            schema = self._schema._schema  # noqa: SLF001 - the framework has no other way to it
            judged = self._judged[operation] = judged_fields(schema, prepared.node, operation.node)
        return refusals_of(judged, operation.node, variables)

    async def _by_the_framework(
        self, operation: Operation, context: Context, allowed: Collection[OperationType]
    ) -> ExecutionResult:
        return await self._schema.execute(
            operation.query,
            variable_values=operation.variables,
            context_value=context,
            operation_name=operation.name,
            allowed_operation_types=allowed,
            operation_extensions=operation.extensions,
        )

    def _executed(
        self, data: dict[str, Any] | None, errors: list[GraphQLError] | None, checked: Checked
    ) -> ExecutionResult:
        if errors:
            self._schema.process_errors(errors)
        return ExecutionResult(data, errors, self._checks.report(checked))

    def _refused(self, refusals: Sequence[GraphQLError], checked: Checked | None = None) -> ExecutionResult:
        self._schema.process_errors(list(refusals))
        return PreExecutionError(None, list(refusals), self._checks.report(checked) if checked else {})


def _require_type(document: DocumentNode, name: str | None, allowed: Collection[OperationType]) -> None:
    try:
        operation_type = get_operation_type(document, name)
    except RuntimeError as error:
        raise CannotGetOperationTypeError(name) from error
    if operation_type not in allowed:
        raise InvalidOperationTypeError(operation_type)


def _coerced(error: Exception) -> GraphQLError:
    return error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
