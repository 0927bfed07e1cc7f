"""What resolvers take, made of what the library coerced: worked out once for each field."""

from __future__ import annotations

from dataclasses import MISSING
from typing import TYPE_CHECKING, Any

from strawberry import UNSET
from strawberry.relay import GlobalID
from strawberry.types.arguments import _is_leaf_type
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.enum import has_enum_definition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import strawberry
    from strawberry.types.arguments import StrawberryArgument
    from strawberry.types.base import StrawberryObjectDefinition

    Convert = Callable[[Any], Any]


class Unforeseen(Exception):
    """A type of arguments that only the framework can convert."""


def argument_conversion(
    framework: strawberry.Schema, arguments: Sequence[StrawberryArgument]
) -> Callable[[Mapping[str, Any]], dict[str, Any]] | None:
    """Give what converts the arguments of a field as the framework does; None where it has to do so itself.

    That is: leaves and lists of them as they are, and inputs of these and of inputs as objects of their classes.
    """
    names = framework.config.name_converter
    try:
        taken = [
            (names.from_argument(argument), argument.python_name, _conversion(framework, argument.type, ()))
            for argument in arguments
        ]
    except Unforeseen:
        return None
    return lambda coerced: _taken(coerced, taken, {})


def _taken(
    coerced: Mapping[str, Any], taken: Sequence[tuple[str, str, Convert | None]], otherwise: Mapping[str, Any]
) -> dict[str, Any]:
    given = dict(otherwise)
    for name, python_name, convert in taken:
        if name in coerced:
            value = coerced[name]
            given[python_name] = value if convert is None or value is None or value is UNSET else convert(value)
    return given


def _conversion(framework: strawberry.Schema, of_type: Any, within: tuple[type, ...]) -> Convert | None:
    """Give what converts a value that is not null; None where it stays what it is. `within`: the inputs that it is in.

    Raises:
        Unforeseen: a type that is not one of these, or one that holds itself.
    """
    if isinstance(of_type, StrawberryOptional) and not isinstance(of_type, StrawberryMaybe):
        return _conversion(framework, of_type.of_type, within)
    if isinstance(of_type, StrawberryList) and _conversion(framework, of_type.of_type, within) is None:
        # A copy: all requests that leave it out are given the same default.
        return list
    registry = framework.schema_converter.scalar_registry
    if _is_leaf_type(of_type, registry, skip_classes=(GlobalID,)) or has_enum_definition(of_type):
        return None
    if not has_object_definition(of_type) or of_type in within:
        raise Unforeseen
    definition = of_type.__strawberry_definition__
    if definition.from_input is not None:
        raise Unforeseen
    return _input_conversion(framework, of_type, definition, (*within, of_type))


def _input_conversion(
    framework: strawberry.Schema, of_class: type, definition: StrawberryObjectDefinition, within: tuple[type, ...]
) -> Convert:
    fields = definition.fields
    names = framework.config.name_converter
    taken = [
        (
            names.from_field(field),
            field.python_name,
            _conversion(framework, field.resolve_type(type_definition=definition), within),
        )
        for field in fields
    ]
    without_default = [
        field.python_name for field in fields if field.default_value is MISSING and field.default_factory is MISSING
    ]
    otherwise = dict.fromkeys(without_default if definition.is_input else ())
    return lambda value: of_class(**_taken(value, taken, otherwise))
