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
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import Undefined
from hypothesis import HealthCheck, assume, event, given, reject, settings
from hypothesis import strategies as st

from graphql_api.execution.input_values import InputValues, LeftToTheLibrary
from tests.api.execution.input_examples import (
    Declared,
    Literals,
    declared_variables,
    given_values,
    input_types,
    input_values,
)
from tests.api.execution.input_outcomes import (
    assert_coerced_as_by_the_library,
    coerced_variables,
    operation_of,
    told,
)
from tests.api.execution.input_schema import CONVERTED, DEFECTIVE, FLAT, ONE_OF, RECURSIVE, SCHEMA, schema_with

if TYPE_CHECKING:
    from hypothesis.strategies import DataObject

MANY = settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


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
