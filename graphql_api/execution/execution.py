"""Executing the operations of requests: by a plan where there is one, else as the framework does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import graphql
from graphql import GraphQLError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType
from strawberry.utils.operation import get_operation_type

from graphql_api.execution.executor import PlanExecutor
from graphql_api.execution.input_values import InputValues
from graphql_api.execution.plans import Plans
from graphql_api.execution.variables import Variables
from schema.documents.large_operations import LARGE
from schema.payload_arguments import judged, judged_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphql_api.operation import Operation
    from schema.build import Schema
    from schema.context import Context
    from schema.documents.prepared import Checked, PreparedDocument, PreparedOperation
    from schema.payload_arguments import PayloadArgument


_TYPES = {of_library: OperationType(of_library.value) for of_library in graphql.OperationType}


class _Known(NamedTuple):
    """What is known of an operation before the values of its variables are."""

    judged: Sequence[PayloadArgument]
    variables: Variables


class Execution:
    """Executes operations over a schema: by plans, or `compiled=False` as the framework does."""

    def __init__(self, schema: Schema, *, compiled: bool) -> None:
        self._schema = schema
        self._checks = schema.checks
        self._plans = Plans(schema) if compiled else None
        self._input_values = InputValues()
        self._known: WeakKeyDictionary[PreparedOperation, _Known] = WeakKeyDictionary()

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
        _require_type(prepared, operation.name, allowed)
        result = await self._by_plan(self._plans, prepared, operation, context)
        return await self._by_the_framework(operation, context, allowed) if result is None else result

    async def _by_plan(
        self, plans: Plans, prepared: PreparedDocument, operation: Operation, context: Context
    ) -> ExecutionResult | None:
        """Execute by a plan, or refuse; None where there is nothing to refuse and no plan."""
        checked = None
        variables = operation.variables or {}
        try:
            checked = self._checks.of(prepared, operation.name, variables, context.viewer)
            if checked.refusals or checked.operation is None:
                return self._refused(checked.refusals, checked)
            known = self._known.get(checked.operation) or self._first_known(prepared, checked.operation)
            if known.judged and (refusals := judged(known.judged, checked.operation.node, variables)):
                return self._refused(refusals, checked)
            values = known.variables.coerced(variables)
            if isinstance(values, list):
                return self._executed(None, values, checked)
            plan = plans.plan(checked.operation, values)
            if plan is None:
                return None
            executor = PlanExecutor(plan, values, context)
            if checked.cost < LARGE:
                result = await executor.run()
            else:
                context.step_aside()
                async with self._schema.large_operations.turn(checked.cost):
                    result = await executor.run()
            return self._executed(result.data, result.errors, checked)
        except Exception as error:  # noqa: BLE001 - see execute()
            return self._refused([_coerced(error)], checked)

    def _first_known(self, prepared: PreparedDocument, operation: PreparedOperation) -> _Known:
        schema, node = self._schema._schema, operation.node  # noqa: SLF001 - the framework has no other way to it
        known = self._known[operation] = _Known(
            judged_fields(schema, prepared.node, node),
            Variables(schema, node.variable_definitions or (), self._input_values),
        )
        return known

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


def _require_type(document: PreparedDocument, name: str | None, allowed: Collection[OperationType]) -> None:
    operation = document.operation(name)
    try:
        operation_type = (
            get_operation_type(document.node, name) if operation is None else _TYPES[operation.node.operation]
        )
    except RuntimeError as error:
        raise CannotGetOperationTypeError(name) from error
    if operation_type not in allowed:
        raise InvalidOperationTypeError(operation_type)


def _coerced(error: Exception) -> GraphQLError:
    return error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
