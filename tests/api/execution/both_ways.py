"""An operation executed by the library and by its plan, and what came of it in a form that can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from graphql import FragmentDefinitionNode, OperationDefinitionNode, execute, parse, validate
from strawberry.execution.is_awaitable import optimized_is_awaitable

from graphql_api.execution.executor import PlanExecutor
from graphql_api.execution.input_values import InputValues
from graphql_api.execution.plan import Plan
from graphql_api.execution.plans import conditions
from graphql_api.execution.shared_answers import SharedAnswers
from graphql_api.execution.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import strawberry
    from graphql import ExecutionResult


def planned(framework: strawberry.Schema, document: str, variables: Mapping[str, Any]) -> tuple[Plan, Any]:
    """Give the plan of a document's one operation, and the coerced values of its variables."""
    node = parse(document)
    (operation,) = [each for each in node.definitions if isinstance(each, OperationDefinitionNode)]
    fragments = {each.name.value: each for each in node.definitions if isinstance(each, FragmentDefinitionNode)}
    schema = framework._schema  # noqa: SLF001 - the framework has no other way to it
    values = Variables(schema, operation.variable_definitions or (), InputValues()).coerced(dict(variables))
    assert not isinstance(values, list), values
    asked = conditions(operation, fragments)
    return Plan(
        framework, operation, fragments, {name: values.coerced[name] for name in asked}, SharedAnswers()
    ), values


async def by_the_library(
    framework: strawberry.Schema, document: str, variables: Mapping[str, Any], context: object, root: object = None
) -> bytes:
    """Execute a document as the library does."""
    schema = framework._schema  # noqa: SLF001 - see planned()
    node = parse(document)
    assert validate(schema, node) == []
    result: Any = execute(
        schema,
        node,
        root_value=root,
        context_value=context,
        variable_values=dict(variables),
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type] # as the framework gives it
    )
    return canonical(await result if optimized_is_awaitable(result) else result)


async def by_plan(
    framework: strawberry.Schema,
    document: str,
    variables: Mapping[str, Any],
    make: Callable[[], tuple[object, object]],
) -> list[bytes]:
    """Execute a document by one plan twice, since a plan learns; `make` gives context and root."""
    plan, values = planned(framework, document, variables)
    results = []
    for _ in range(2):
        context, root = make()
        executor = PlanExecutor(plan, values, context, root)
        results.append(canonical(await executor.run()))
    return results


def canonical(result: ExecutionResult) -> bytes:
    """Give a result as JSON, with the order of all that has one, and errors by message, path and places."""
    errors = [error.formatted for error in result.errors or ()]
    # As answers are written: compiled execution leaves moments to that.
    return orjson.dumps({"data": result.data, "errors": errors}, option=orjson.OPT_UTC_Z)
