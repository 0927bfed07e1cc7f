"""A schema of all that an input may be: what is usual, what our schema lacks, and what nobody should do."""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLDefaultInput,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLError,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    IntValueNode,
    parse_const_value,
)
from graphql.pyutils import Undefined

BUILT_IN = (GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString)

COLOUR = GraphQLEnumType("Colour", {"RED": 1, "GREEN": GraphQLEnumValue(["green"]), "NONE": GraphQLEnumValue(None)})


def _even(value: Any) -> Any:
    """Refuse what is odd, by an exception for some and by what stands for no value for others."""
    if not isinstance(value, int):
        raise GraphQLError("No number.")
    return Undefined if value % 2 else [value]


def _even_literal(node: Any) -> Any:
    return _even(int(node.value) if isinstance(node, IntValueNode) else None)


EVEN = GraphQLScalarType("Even", coerce_input_value=_even, coerce_input_literal=_even_literal)
ANYTHING = GraphQLScalarType("Anything")
NOTHING = GraphQLScalarType("Nothing", parse_value=lambda _: None)

FLAT = GraphQLInputObjectType(
    "Flat",
    {
        "number": GraphQLInputField(GraphQLNonNull(GraphQLInt)),
        "text": GraphQLInputField(GraphQLString, default=GraphQLDefaultInput("x")),
        "ids": GraphQLInputField(GraphQLList(GraphQLNonNull(GraphQLID)), out_name="ids_of"),
        "ratio": GraphQLInputField(GraphQLNonNull(GraphQLFloat), default=GraphQLDefaultInput(1)),
        "flag": GraphQLInputField(GraphQLBoolean),
        "colour": GraphQLInputField(GraphQLNonNull(COLOUR), default_value=1),
        "even": GraphQLInputField(EVEN),
    },
)
ONE_OF = GraphQLInputObjectType(
    "OneOf",
    {
        "id": GraphQLInputField(GraphQLID),
        "flat": GraphQLInputField(FLAT, out_name="flattened"),
        "numbers": GraphQLInputField(GraphQLList(GraphQLInt)),
        "nothing": GraphQLInputField(NOTHING),
    },
    is_one_of=True,
)
# Validation of a schema refuses this; the framework builds schemas without it.
ONE_OF_WITH_DEFAULT = GraphQLInputObjectType(
    "OneOfWithDefault",
    {
        "text": GraphQLInputField(GraphQLString, default=GraphQLDefaultInput("x")),
        "number": GraphQLInputField(GraphQLInt),
    },
    is_one_of=True,
)


def _single(value: dict[str, Any]) -> dict[str, Any]:
    """Judge as the framework judges its inputs of this kind, which the library does not know for such."""
    if len(value) != 1 or None in value.values():
        raise GraphQLError("Exactly one.")
    return value


JUDGED = GraphQLInputObjectType(
    "Judged",
    {"id": GraphQLInputField(GraphQLID), "flat": GraphQLInputField(FLAT)},
    out_type=_single,
)
CONVERTED = GraphQLInputObjectType(
    "Converted",
    {"colours": GraphQLInputField(GraphQLList(COLOUR)), "anything": GraphQLInputField(ANYTHING)},
    out_type=lambda value: tuple(value.items()),
)
NESTED = GraphQLInputObjectType(
    "Nested",
    {
        "flat": GraphQLInputField(GraphQLNonNull(FLAT)),
        "flats": GraphQLInputField(GraphQLList(FLAT), default=GraphQLDefaultInput([{"number": 1}])),
        "of": GraphQLInputField(ONE_OF),
        "judged": GraphQLInputField(JUDGED),
        "converted": GraphQLInputField(CONVERTED),
        "matrix": GraphQLInputField(
            GraphQLList(GraphQLList(GraphQLNonNull(GraphQLInt))),
            default=GraphQLDefaultInput(literal=parse_const_value("[[1], 2]")),
        ),
    },
)
RECURSIVE: GraphQLInputObjectType = GraphQLInputObjectType(
    "Recursive",
    lambda: {"number": GraphQLInputField(GraphQLInt), "inner": GraphQLInputField(GraphQLList(RECURSIVE))},
)
DEFECTIVE = GraphQLInputObjectType(
    "Defective",
    {
        "number": GraphQLInputField(GraphQLInt),
        "wrong": GraphQLInputField(GraphQLInt, default=GraphQLDefaultInput("no number")),
    },
)

NAMED = (
    *BUILT_IN,
    COLOUR,
    EVEN,
    ANYTHING,
    NOTHING,
    FLAT,
    ONE_OF,
    ONE_OF_WITH_DEFAULT,
    JUDGED,
    CONVERTED,
    NESTED,
    RECURSIVE,
    DEFECTIVE,
)


def schema_with(arguments: dict[str, GraphQLArgument]) -> GraphQLSchema:
    """Give a schema with one field that takes these."""
    query = GraphQLObjectType("Query", {"field": GraphQLField(GraphQLInt, args=arguments)})
    # Not all defaults are valid.
    return GraphQLSchema(query, types=NAMED, assume_valid=True)


SCHEMA = schema_with({})
