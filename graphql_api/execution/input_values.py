"""Values of variables, coerced by functions that are made once for each type.

They deal with values that are exactly as their type says. For any other they raise, and the library coerces the value
anew: so there is one place that knows what else may be given and what the errors say, and it is not ours.
"""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
)
from graphql.pyutils import Undefined
from graphql.type import is_required_argument, is_required_input_field
from graphql.utilities.coerce_input_value import coerce_default_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphql import GraphQLInputField, GraphQLInputType

    Coerce = Callable[[Any], Any]

_PLAIN = {GraphQLBoolean: bool, GraphQLID: str, GraphQLString: str}


class LeftToTheLibrary(Exception):
    """A type, a literal or a value that only the library can deal with."""


class Coercion(NamedTuple):
    """What coerces values of a type, and how many lists and objects can lie within each other in them."""

    coerce: Coerce
    depth: int


class LeftOut(NamedTuple):
    """What becomes of an argument or an input field that is left out: refused, or `default`, which may be Undefined."""

    is_refused: bool
    default: Any


class InputValues:
    """Makes what coerces values, and keeps it for the types of the schema: many variables are of one."""

    def __init__(self) -> None:
        self._leaves: dict[tuple[object, bool], Coercion] = {}
        self._objects: dict[GraphQLInputObjectType, Coercion | None] = {}

    def coercion(self, of_type: GraphQLInputType) -> Coercion:
        """Give what coerces values of a type. It raises, whatever that may be, where the library has to do so.

        Raises:
            LeftToTheLibrary: the type holds itself, so that values may be of any depth, or a default that is not valid.
        """
        is_nullable = not isinstance(of_type, GraphQLNonNull)
        if isinstance(of_type, GraphQLNonNull):
            of_type = of_type.of_type
        if isinstance(of_type, GraphQLList):
            item = self.coercion(of_type.of_type)
            coerce, depth = _list(item.coerce), item.depth + 1
        elif isinstance(of_type, GraphQLInputObjectType):
            coerce, depth = self._object(of_type)
        else:
            key = (of_type, is_nullable)
            if key not in self._leaves:
                self._leaves[key] = Coercion(_leaf(of_type, is_nullable=is_nullable), 0)
            return self._leaves[key]
        return Coercion(_or_null(coerce) if is_nullable else coerce, depth)

    def _object(self, of_type: GraphQLInputObjectType) -> Coercion:
        if of_type not in self._objects:
            # What is met again while it is made holds itself.
            self._objects[of_type] = None
            of_fields = {name: self.coercion(field.type) for name, field in of_type.fields.items()}
            coerce = _object(of_type, {name: coercion.coerce for name, coercion in of_fields.items()})
            depth = 1 + max((coercion.depth for coercion in of_fields.values()), default=0)
            self._objects[of_type] = Coercion(coerce, depth)
        if (found := self._objects[of_type]) is None:
            raise LeftToTheLibrary
        return found


def left_out(definition: GraphQLArgument | GraphQLInputField) -> LeftOut:
    """Say what becomes of an argument or an input field that is left out.

    Raises:
        LeftToTheLibrary: its default is not valid.
    """
    if isinstance(definition, GraphQLArgument):
        is_refused = is_required_argument(definition)
    else:
        is_refused = is_required_input_field(definition)
    try:
        return LeftOut(is_refused, coerce_default_value(definition))
    except TypeError:
        raise LeftToTheLibrary from None


def out_type(of_type: GraphQLInputObjectType) -> Coerce | None:
    """Give what an input object is converted by, if it is."""
    return None if of_type.out_type is GraphQLInputObjectType.out_type else of_type.out_type


def is_one_value(coerced: Mapping[str, Any]) -> bool:
    """Say whether an input object has a single field, and that not null."""
    return len(coerced) == 1 and next(iter(coerced.values())) is not None


def _leaf(of_type: Any, *, is_nullable: bool) -> Coerce:
    if (plain := _PLAIN.get(of_type)) is not None:
        return _plain(frozenset((plain, NoneType) if is_nullable else (plain,)))
    coerce: Coerce
    if of_type is GraphQLInt:
        coerce = _int
    elif isinstance(of_type, GraphQLEnumType):
        coerce = _enum(of_type)
    else:
        coerce = _scalar(of_type.coerce_input_value)
    return _or_null(coerce) if is_nullable else coerce


def _plain(classes: frozenset[type]) -> Coerce:
    def coerce(value: Any) -> Any:
        if value.__class__ in classes:
            return value
        raise LeftToTheLibrary

    return coerce


def _int(value: Any) -> Any:
    if value.__class__ is int and GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT:
        return value
    raise LeftToTheLibrary


def _enum(of_type: GraphQLEnumType) -> Coerce:
    values = {name: of_type.coerce_input_value(name) for name in of_type.values}

    def coerce(value: Any) -> Any:
        if value.__class__ is str and value in values:
            return values[value]
        raise LeftToTheLibrary

    return coerce


def _scalar(of_library: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        coerced = Undefined if value is None or value is Undefined else of_library(value)
        if coerced is Undefined:
            raise LeftToTheLibrary
        return coerced

    return coerce


def _or_null(coerce_value: Coerce) -> Coerce:
    return lambda value: None if value is None else coerce_value(value)


def _list(coerce_item: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        if value.__class__ is list:
            return [coerce_item(item) for item in value]
        raise LeftToTheLibrary

    return coerce


def _object(of_type: GraphQLInputObjectType, of_fields: dict[str, Coerce]) -> Coerce:
    fields = [
        (name, field.out_name or name, of_fields[name], *left_out(field)) for name, field in of_type.fields.items()
    ]
    convert, is_one_of = out_type(of_type), of_type.is_one_of

    def coerce(value: Any) -> Any:
        if value.__class__ is not dict:
            raise LeftToTheLibrary
        coerced = {}
        known = 0
        for name, out_name, coerce_field, is_refused, default in fields:
            if name in value:
                coerced[out_name] = coerce_field(value[name])
                known += 1
            elif is_refused:
                raise LeftToTheLibrary
            elif default is not Undefined:
                coerced[out_name] = default
        if known != len(value):
            raise LeftToTheLibrary
        if is_one_of and (known != 1 or not is_one_value(coerced)):
            raise LeftToTheLibrary
        return coerced if convert is None else convert(coerced)

    return coerce
