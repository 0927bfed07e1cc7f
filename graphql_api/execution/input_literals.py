"""Literals of documents, coerced as far as they can be before the values of their variables are known.

What they become is made anew whenever it is asked for, as the library does it: no request shares a list with another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    VariableNode,
)
from graphql.pyutils import Undefined
from graphql.utilities import coerce_input_literal

from graphql_api.execution.input_values import LeftToTheLibrary, is_one_value, left_out, out_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from graphql import GraphQLArgument, GraphQLInputField, GraphQLInputType, ValueNode
    from graphql.execution.values import VariableValues

    Fill = Callable[[VariableValues | None], Any]

_SCALARS = (GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString)


class Filled(NamedTuple):
    """An argument or an input field: its name for resolvers, what gives its value, and what it is without one."""

    out_name: str
    fill: Fill
    is_refused: bool
    default: Any


def literal(node: ValueNode, of_type: GraphQLInputType) -> Fill:
    """Give what coerces a literal of a document that was validated, once variables have values.

    For a variable that has no value it gives Undefined. It raises, whatever that may be, where the library has to
    coerce the literal.

    Raises:
        LeftToTheLibrary: the literal is not one of the type.
    """
    is_nullable = not isinstance(of_type, GraphQLNonNull)
    if isinstance(node, VariableNode):
        return _variable(node.name.value, is_nullable=is_nullable)
    if isinstance(node, NullValueNode):
        if is_nullable:
            return _constant(None)
        raise LeftToTheLibrary
    if isinstance(of_type, GraphQLNonNull):
        of_type = of_type.of_type
    if isinstance(of_type, GraphQLList):
        return _list(node, of_type.of_type)
    if isinstance(of_type, GraphQLInputObjectType):
        return _object(node, of_type)
    if isinstance(of_type, GraphQLEnumType) or of_type in _SCALARS:
        return _constant(_defined(coerce_input_literal(node, of_type)))
    # What a scalar of the schema's own makes of a literal may be anything, also what is not to be shared.
    return lambda values: _defined(coerce_input_literal(node, of_type, values))


def filled(
    definitions: Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField], nodes: Mapping[str, ValueNode]
) -> list[Filled]:
    """Give arguments or input fields in the order in which they are defined, those that are nowhere left out.

    Raises:
        LeftToTheLibrary: a literal is not one of its type, or missing, or not known.
    """
    if not nodes.keys() <= definitions.keys():
        raise LeftToTheLibrary
    found = []
    for name, definition in definitions.items():
        is_refused, default = left_out(definition)
        node = nodes.get(name)
        fill = _constant(Undefined) if node is None else literal(node, definition.type)
        if node is None and is_refused:
            raise LeftToTheLibrary
        if node is not None or default is not Undefined:
            found.append(Filled(definition.out_name or name, fill, is_refused, default))
    return found


def values_of(parts: Iterable[Filled], values: VariableValues | None) -> dict[str, Any]:
    """Give the values of arguments or input fields, by their names for resolvers.

    Raises:
        Exception: the library has to coerce them.
    """
    given = {}
    for out_name, fill, is_refused, default in parts:
        value = fill(values)
        if value is not Undefined:
            given[out_name] = value
        elif is_refused:
            raise LeftToTheLibrary
        elif default is not Undefined:
            given[out_name] = default
    return given


def _constant(value: Any) -> Fill:
    return lambda _values: value


def _defined(value: Any) -> Any:
    if value is Undefined:
        raise LeftToTheLibrary
    return value


def _variable(name: str, *, is_nullable: bool) -> Fill:
    def fill(values: VariableValues | None) -> Any:
        value = Undefined if values is None else values.coerced.get(name, Undefined)
        if value is None and not is_nullable:
            raise LeftToTheLibrary
        return value

    return fill


def _list(node: ValueNode, item_type: GraphQLInputType) -> Fill:
    items = [literal(each, item_type) for each in (node.values if isinstance(node, ListValueNode) else (node,))]
    is_nullable = not isinstance(item_type, GraphQLNonNull)

    def fill(values: VariableValues | None) -> Any:
        found = []
        for fill_item in items:
            value = fill_item(values)
            if value is Undefined:
                if not is_nullable:
                    raise LeftToTheLibrary
                value = None
            found.append(value)
        return found

    return fill


def _object(node: ValueNode, of_type: GraphQLInputObjectType) -> Fill:
    if not isinstance(node, ObjectValueNode):
        raise LeftToTheLibrary
    nodes = {field.name.value: field.value for field in node.fields}
    parts = filled(of_type.fields, nodes)
    convert, is_one_of = out_type(of_type), of_type.is_one_of
    if is_one_of and len(nodes) != 1:
        raise LeftToTheLibrary

    def fill(values: VariableValues | None) -> Any:
        given = values_of(parts, values)
        if is_one_of and not is_one_value(given):
            raise LeftToTheLibrary
        return given if convert is None else convert(given)

    return fill
