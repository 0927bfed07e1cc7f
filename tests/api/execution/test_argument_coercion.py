"""Arguments with variables in their literals are coerced to what the library makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLInt,
    OperationDefinitionNode,
    is_input_type,
    parse,
    parse_type,
    type_from_ast,
    validate,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues

from graphql_api.execution.argument_values import argument_values
from graphql_api.execution.input_values import InputValues
from graphql_api.execution.variables import Variables
from tests.api.execution.input_outcomes import (
    assert_coerced_as_by_the_library,
    operation_of,
)
from tests.api.execution.input_schema import CONVERTED, NESTED, SCHEMA, schema_with

if TYPE_CHECKING:
    from graphql import GraphQLSchema


def of_field(document: str, of_type: Any) -> tuple[Any, OperationDefinitionNode, GraphQLSchema]:
    """Give what coerces the arguments of a document's field, whose argument is of a type."""
    schema = schema_with({"a": GraphQLArgument(of_type)})
    operation = operation_of(document)
    assert validate(schema, parse(document)) == []
    (node,) = operation.selection_set.selections
    assert isinstance(node, FieldNode)
    assert schema.query_type is not None
    return argument_values(schema.query_type.fields["field"], FieldDetails(node, None)), operation, schema


def test_no_two_requests_share_a_list_of_the_document() -> None:
    """A resolver may change what it is given, and only the literal is the same each time."""
    coerce, operation, schema = of_field(
        "query($v: Int!, $b: [Int!] = [1]) { field(a: {flat: {number: 1, ids: [1]}, matrix: [[1], $b, [$v]]}) }", NESTED
    )
    variables = Variables(schema, operation.variable_definitions or (), InputValues())

    def asked() -> dict[str, Any]:
        values = variables.coerced({"v": 1})
        assert isinstance(values, VariableValues)
        return coerce(values)["a"]  # type: ignore[no-any-return] # as the field's only argument is

    first, second = asked(), asked()
    assert first == second
    for mine, theirs in (
        (first["flat"]["ids_of"], second["flat"]["ids_of"]),
        (first["matrix"], second["matrix"]),
        *zip(first["matrix"], second["matrix"], strict=True),
    ):
        mine.append("changed")
        assert "changed" not in theirs


@pytest.mark.parametrize(
    ("of_type", "literal", "values"),
    [
        ("[Int!]", "[$v]", {}),
        ("[Int!]", "[$v]", {"v": None}),
        ("[Int]", "[$v]", {}),
        ("Int!", "$v", {}),
        ("Flat", "{number: $v}", {}),
        ("Flat", "{number: $v}", {"v": None}),
        ("Flat", "{ratio: $v}", {"v": 1.0}),
        ("Flat", "{unknown: $v, number: 1}", {"v": 1}),
        ("OneOf", "{id: $v}", {}),
        ("OneOf", "{id: $v}", {"v": None}),
        ("OneOf", "{id: $v, numbers: []}", {}),
        ("OneOf", "{id: $v, numbers: $v}", {}),
        ("OneOfWithDefault", "{text: $v}", {}),
        ("OneOfWithDefault", "{}", {}),
        ("Judged", "{id: $v}", {}),
        ("Colour", "BLUE", {}),
        ("Int", '"x"', {}),
        ("Int!", "null", {}),
        ("Even", "3", {}),
        ("Flat", "3", {}),
        ("Defective", "{number: $v}", {}),
    ],
)
def test_what_no_valid_document_has_is_coerced_as_by_the_library(
    of_type: str, literal: str, values: dict[str, Any]
) -> None:
    """Documents are validated, so this is for the day on which validation lets something pass."""
    argument = type_from_ast(SCHEMA, parse_type(of_type))
    assert is_input_type(argument)
    schema = schema_with({"a": GraphQLArgument(argument)})
    (node,) = operation_of(f"{{ field(a: {literal}) }}").selection_set.selections
    assert isinstance(node, FieldNode)
    assert_coerced_as_by_the_library(schema, node, VariableValues({}, values))


def test_a_variable_without_a_value_is_not_left_to_the_library() -> None:
    """Arguments are given by variables that are often left out."""
    coerce, _, _ = of_field("query($v: Int) { field(a: $v) }", GraphQLInt)
    assert coerce(VariableValues({}, {})) == {}
    assert coerce(VariableValues({}, {"v": None})) == {"a": None}
    assert coerce(VariableValues({}, {"v": 3})) == {"a": 3}


def test_a_scalar_of_the_schemas_own_is_told_the_variables_in_its_literal() -> None:
    coerce, _, _ = of_field("query($v: Int) { field(a: {anything: {b: [$v]}, colours: GREEN}) }", CONVERTED)
    assert coerce(VariableValues({}, {"v": 3})) == {"a": (("colours", [["green"]]), ("anything", {"b": [3]}))}
