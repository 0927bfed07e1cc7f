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
from schema.payload_arguments import judged, judged_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphql import DocumentNode
    from strawberry.types.graphql import OperationType

    from graphql_api.operation import Operation
    from schema.build import Schema
    from schema.context import Context
    from schema.documents.prepared import Checked, PreparedDocument, PreparedOperation
    from schema.payload_arguments import PayloadArgument

# As many as the library itself lists.
_FAULTS_OF_VARIABLES_MAXIMUM = 50


class Execution:
    """Executes operations over a schema: by plans, or `compiled=False` as the framework does."""

    def __init__(self, schema: Schema, *, compiled: bool) -> None:
        self._schema = schema
        self._checks = schema.checks
        self._plans = Plans(schema) if compiled else None
        self._payload_arguments: WeakKeyDictionary[PreparedOperation, list[PayloadArgument]] = WeakKeyDictionary()

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
            if checked.refusals or checked.operation is None:
                return self._refused(checked.refusals, checked)
            node = checked.operation.node
            if refusals := judged(self._judged_fields(prepared, checked.operation), node, variables):
                return self._refused(refusals, checked)
            definitions = node.variable_definitions or ()
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

    def _judged_fields(self, prepared: PreparedDocument, operation: PreparedOperation) -> list[PayloadArgument]:
        fields = self._payload_arguments.get(operation)
        if fields is None:
            fields = judged_fields(self._schema._schema, prepared.node, operation.node)  # noqa: SLF001 - see _by_plan()
            self._payload_arguments[operation] = fields
        return fields

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
        return ExecutionResult(data, errors, checked.extensions)

    def _refused(self, refusals: Sequence[GraphQLError], checked: Checked | None = None) -> ExecutionResult:
        self._schema.process_errors(list(refusals))
        return PreExecutionError(None, list(refusals), checked.extensions if checked else {})


def _require_type(document: DocumentNode, name: str | None, allowed: Collection[OperationType]) -> None:
    try:
        operation_type = get_operation_type(document, name)
    except RuntimeError as error:
        raise CannotGetOperationTypeError(name) from error
    if operation_type not in allowed:
        raise InvalidOperationTypeError(operation_type)


def _coerced(error: Exception) -> GraphQLError:
    return error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
