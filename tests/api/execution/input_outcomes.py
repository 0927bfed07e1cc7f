"""What comes of coercing variables and arguments, in a form that can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    OperationDefinitionNode,
    parse,
    print_ast,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values

from graphql_api.execution.argument_values import argument_values
from graphql_api.execution.input_values import InputValues
from graphql_api.execution.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import FieldNode, GraphQLSchema

FAULTS_MAXIMUM = 50


def outcome(attempt: Callable[[], Any]) -> Any:
    """Give what comes of it in a form that can be compared, with classes and the order of all that has one."""
    try:
        return told(attempt())
    except Exception as error:  # noqa: BLE001 - whatever is raised is to be the same
        return "raised", type(error), str(error)


def default_of(source: Any) -> str | None:
    return None if source.signature.default is None else print_ast(source.signature.default.literal)


def told(value: Any) -> Any:
    if isinstance(value, VariableValues):
        sources = {
            name: (source.signature.name, str(source.signature.type), default_of(source), source.value)
            for name, source in value.sources.items()
        }
        return told(sources), told(value.coerced)
    if isinstance(value, dict):
        return dict, [(name, told(each)) for name, each in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [told(each) for each in value]
    if isinstance(value, Exception):
        return type(value), str(value)
    return type(value), repr(value)


def operation_of(document: str) -> OperationDefinitionNode:
    (operation,) = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def coerced_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, values: dict[str, Any]
) -> tuple[Any, Any]:
    """Coerce by the library and by ours."""
    definitions = operation.variable_definitions or ()
    ours = Variables(schema, definitions, InputValues())
    return (
        outcome(lambda: get_variable_values(schema, definitions, values, max_errors=FAULTS_MAXIMUM)),
        outcome(lambda: ours.coerced(values)),
    )


def assert_coerced_as_by_the_library(
    schema: GraphQLSchema, node: FieldNode, values: VariableValues
) -> tuple[bool, bool]:
    """Coerce the arguments of a field. Say whether ours leaves that to the library, and whether it refuses."""
    assert schema.query_type is not None
    definition = schema.query_type.fields["field"]
    expected = outcome(lambda: get_argument_values(definition, node, values))
    coerce = argument_values(definition, FieldDetails(node, None))
    found = None if coerce is None else coerce(values)
    assert found is None or told(found) == expected
    return found is None, expected[0] == "raised"
