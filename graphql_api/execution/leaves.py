"""When a value is as a leaf should be, as an expression that is true of it, and what it then becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Flag
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLScalarType,
    GraphQLString,
    get_nullable_type,
)

from schema.scalars import serialize_datetime

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLOutputType

# Neither awaitable nor exceptions, so that a scalar of the schema's own may serialize them.
PLAIN = frozenset({str, int, float, bool, list, tuple, dict, datetime})
TEXTS = frozenset({str})


class LeafTest(NamedTuple):
    """When `value` is as it should be, and what it then becomes in the response: two expressions."""

    condition: str
    result: str

    @property
    def is_expression(self) -> bool:
        """Whether nothing but `value` is named in it, so that it can stand beside others."""
        return "coerced" not in self.condition

    def of(self, variable: str) -> LeafTest:
        """Give the same of another variable."""
        return LeafTest(*(expression.replace("value", variable) for expression in self))


_TEXT = LeafTest("value.__class__ is str", "value")
_LISTED_TEXTS = LeafTest(
    "(value.__class__ is list or value.__class__ is tuple) and TEXTS.issuperset(map(type, value))", "[*value]"
)
_BUILT_IN: tuple[tuple[GraphQLScalarType, LeafTest], ...] = (
    (GraphQLString, _TEXT),
    (GraphQLID, _TEXT),
    (GraphQLInt, LeafTest("value.__class__ is int and -2147483648 <= value <= 2147483647", "value")),
    # Neither infinite nor not a number.
    (GraphQLFloat, LeafTest("value.__class__ is float and value - value == 0", "value")),
    (GraphQLBoolean, LeafTest("value.__class__ is bool", "value")),
)


def leaf_test(of_type: GraphQLOutputType, named: Callable[[Any, str], str]) -> LeafTest | None:
    """Give the test of a leaf, or of a list of texts; None for whatever else there is.

    `named` makes a name by which an object can be used in the expressions.
    """
    nullable: Any = get_nullable_type(of_type)
    if isinstance(nullable, GraphQLList):
        return _LISTED_TEXTS if get_nullable_type(nullable.of_type) in (GraphQLString, GraphQLID) else None
    built_in = next((test for scalar, test in _BUILT_IN if nullable is scalar), None)
    if built_in is not None:
        return built_in
    if isinstance(nullable, GraphQLEnumType):
        return _enum_test(nullable, named)
    if isinstance(nullable, GraphQLScalarType) and nullable.coerce_output_value is serialize_datetime:
        # What writes the answer writes such a moment as the scalar does, in a tenth of the time.
        is_plain = f"value.__class__ is {named(datetime, 'datetime')} and value.tzinfo is {named(UTC, 'utc')}"
        return LeafTest(is_plain, "value")
    if isinstance(nullable, GraphQLScalarType):
        coerced = f"(coerced := {named(nullable.coerce_output_value, 'coerce')}(value))"
        return LeafTest(f"value.__class__ in PLAIN and {coerced} is not None and coerced is not Undefined", "coerced")
    return None


def _enum_test(enum: GraphQLEnumType, named: Callable[[Any, str], str]) -> LeafTest | None:
    members = getattr(enum, "wrapped_cls", None)
    # Flags have members that nobody named.
    if members is None or issubclass(members, Flag):
        return None
    names = {member.name: enum.coerce_output_value(member) for member in members}
    return LeafTest(f"value.__class__ is {named(members, 'members')}", f"{named(names, 'names')}[value._name_]")
