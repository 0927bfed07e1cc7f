"""Variables and arguments are coerced to what the library makes of them, and refused in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLDefaultInput,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
    OperationDefinitionNode,
    is_input_type,
    parse,
    parse_type,
    print_ast,
    type_from_ast,
    validate,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from graphql.pyutils import Undefined
from hypothesis import HealthCheck, assume, event, given, reject, settings
from hypothesis import strategies as st

from graphql_api.execution.argument_values import argument_values
from graphql_api.execution.input_values import InputValues, LeftToTheLibrary
from graphql_api.execution.variables import Variables
from tests.api.execution.input_examples import (
    Declared,
    Literals,
    declared_variables,
    given_values,
    input_types,
    input_values,
)
from tests.api.execution.input_schema import CONVERTED, DEFECTIVE, FLAT, NESTED, ONE_OF, RECURSIVE, SCHEMA, schema_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLSchema
    from hypothesis.strategies import DataObject

MANY = settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
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


@MANY
@given(st.data(), st.sampled_from([0.0, 0.0, 0.05, 0.3]))
def test_variables_are_coerced_as_by_the_library(data: DataObject, wrong: float) -> None:
    variables = {}
    for name in ("a", "b")[: data.draw(st.integers(1, 2))]:
        of_type = data.draw(input_types())
        has_default = data.draw(st.booleans())
        default = Literals(data.draw, with_variables=False).of(of_type) if has_default else None
        variables[name] = Declared(of_type, default)
    operation = operation_of(f"query{declared_variables(variables)} {{ field }}")
    values = data.draw(given_values(variables, wrong))
    expected, found = coerced_variables(SCHEMA, operation, values)
    event("refused" if expected[0] is list else "raised" if expected[0] == "raised" else "coerced")
    assert found == expected


@MANY
@given(st.data())
def test_arguments_are_coerced_as_by_the_library(data: DataObject) -> None:
    literals = Literals(data.draw, with_variables=True)
    arguments, written = {}, []
    for name in ("a", "b", "c")[: data.draw(st.integers(1, 3))]:
        of_type = data.draw(input_types())
        default = data.draw(st.one_of(st.none(), input_values(of_type, 0.0)))
        has_default = default is not None and data.draw(st.booleans())
        arguments[name] = GraphQLArgument(
            of_type,
            default=GraphQLDefaultInput(default) if has_default else None,
            out_name=data.draw(st.sampled_from([None, f"{name}_out"])),
        )
        is_required = isinstance(of_type, GraphQLNonNull) and not has_default
        if is_required or data.draw(st.integers(0, 4)):
            written.append(f"{name}: {literals.of(of_type, has_default=has_default)}")
    schema = schema_with(arguments)
    field = f"field({', '.join(written)})" if written else "field"
    document = f"query{declared_variables(literals.variables)} {{ {field} }}"
    assume(not validate(schema, parse(document)))
    operation = operation_of(document)
    definitions = operation.variable_definitions or ()
    try:
        values = get_variable_values(schema, definitions, data.draw(given_values(literals.variables, 0.0)))
    except TypeError:
        # A default that is not valid.
        reject()
    assume(isinstance(values, VariableValues))
    assert isinstance(values, VariableValues)
    (node,) = operation.selection_set.selections
    assert isinstance(node, FieldNode)
    is_left, was_refused = assert_coerced_as_by_the_library(schema, node, values)
    event(f"{'refused' if was_refused else 'coerced'}, {'left to the library' if is_left else 'by ours'}")


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


def recursive(depth: int) -> Any:
    """Give a value of a type that holds itself."""
    value: Any = {"number": 1}
    for _ in range(depth):
        value = {"inner": [value]}
    return value


def listed(value: Any, depth: int) -> Any:
    """Give a value within so many lists."""
    for _ in range(depth):
        value = [value]
    return value


FLATS = {"flat": {"number": 1}, "flats": [{"number": 1, "ids": ["x"]}]}


@pytest.mark.parametrize(
    ("of_type", "value", "is_refused"),
    [
        ("Recursive", recursive(3), False),
        ("Recursive", recursive(101), True),
        ("[" * 95 + "Nested" + "]" * 95, listed(FLATS, 95), False),
        ("[" * 196 + "Nested" + "]" * 196, listed(FLATS, 196), False),
        ("[" * 197 + "Nested" + "]" * 197, listed(FLATS, 197), True),
    ],
)
def test_what_the_library_finds_too_deep_is_refused(of_type: str, value: Any, is_refused: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    operation = operation_of(f"query($given: {of_type}) {{ field }}")
    expected, found = coerced_variables(SCHEMA, operation, {"given": value})
    assert found == expected
    assert (expected[0] is list) is is_refused


@pytest.mark.parametrize(
    ("of_type", "value"),
    [
        ("Int", 2**31),
        ("Int", -(2**31) - 1),
        ("Int", True),
        ("Int", 2.0),
        ("Int", "2"),
        ("[Int!]", [1, None]),
        ("[Int!]", 1),
        ("[Int!]", (1, 2)),
        ("Boolean", 1),
        ("ID", 4),
        ("Colour", ["RED"]),
        ("Colour", "BLUE"),
        ("Even", 3),
        ("Even", Undefined),
        ("Flat", {}),
        ("Flat", {"number": None}),
        ("Flat", {"number": 1, "unknown": 1}),
        ("Flat", {"number": 1, "ratio": None}),
        ("Flat", []),
        ("OneOf", {}),
        ("OneOf", {"id": None}),
        ("OneOf", {"id": "x", "numbers": []}),
        ("OneOf", {"id": "x", "numbers": Undefined}),
        ("OneOf", {"nothing": 1}),
        ("OneOfWithDefault", {}),
        ("OneOfWithDefault", {"text": "y"}),
        ("Judged", {}),
    ],
)
def test_unusual_values_are_coerced_as_by_the_library(of_type: str, value: Any) -> None:
    for declared in (of_type, f"[{of_type}]!"):
        operation = operation_of(f"query($given: {declared}) {{ field }}")
        given = {"given": value if declared == of_type else [value]}
        expected, found = coerced_variables(SCHEMA, operation, given)
        assert found == expected


@pytest.mark.parametrize(
    ("of_type", "value", "expected"),
    [
        (GraphQLNonNull(GraphQLString), "x", "x"),
        (GraphQLInt, None, None),
        (GraphQLList(GraphQLNonNull(GraphQLInt)), [1, 2], [1, 2]),
        (ONE_OF, {"numbers": [1, None]}, {"numbers": [1, None]}),
        (CONVERTED, {"colours": ["GREEN"]}, (("colours", [["green"]]),)),
        (FLAT, {"even": 2, "number": 1}, {"number": 1, "text": "x", "ratio": 1.0, "colour": 1, "even": [2]}),
    ],
)
def test_usual_values_are_coerced_without_the_library(of_type: Any, value: Any, expected: Any) -> None:
    """Else nothing would be gained."""
    found = InputValues().coercion(of_type).coerce(value)
    assert told(found) == told(expected)


@pytest.mark.parametrize("of_type", [RECURSIVE, GraphQLList(RECURSIVE), DEFECTIVE])
def test_such_types_are_left_to_the_library_each_time(of_type: Any) -> None:
    input_values = InputValues()
    for _ in range(2):
        with pytest.raises(LeftToTheLibrary):
            input_values.coercion(of_type)


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
