"""What resolvers take, made of what the library coerced: worked out once for each field."""

from __future__ import annotations

from dataclasses import MISSING
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from strawberry import UNSET, Some
from strawberry.relay import GlobalID
from strawberry.types.arguments import _is_leaf_type, convert_arguments
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, has_object_definition
from strawberry.types.enum import has_enum_definition

from graphql_api.execution.delayed_info import DelayedInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import strawberry
    from strawberry.types.arguments import StrawberryArgument
    from strawberry.types.base import StrawberryObjectDefinition
    from strawberry.types.field import StrawberryField

    from graphql_api.execution.executor import PlanExecutor
    from graphql_api.execution.places import Place
    from graphql_api.execution.planned_field import PlannedField

    Convert = Callable[[Any], Any]


class Unforeseen(Exception):
    """A type of arguments that only the framework can convert."""


def argument_conversion(
    framework: strawberry.Schema, arguments: Sequence[StrawberryArgument]
) -> Callable[[Mapping[str, Any]], dict[str, Any]] | None:
    """Give what converts the arguments of a field as the framework does; None where it has to do so itself.

    That is: leaves and lists of them as they are, inputs of these and of inputs as objects of their classes, and any of
    them where being left out is told from null.
    """
    names = framework.config.name_converter
    try:
        taken = [
            _place(framework, names.from_argument(argument), argument.python_name, argument.type, ())
            for argument in arguments
        ]
    except Unforeseen:
        return None
    return _taking(taken, {})


def converted_arguments(
    framework: strawberry.Schema,
    field: PlannedField,
    coerced: dict[str, Any],
    executor: PlanExecutor,
    place: Place,
) -> dict[str, Any] | None:
    """Convert the arguments of a field; None where that fails, which is for the framework to say."""
    try:
        if field.convert is not None:
            return field.convert(coerced)
        return convert_arguments(
            coerced,
            cast("StrawberryField", field.resolver).arguments,
            scalar_registry=framework.schema_converter.scalar_registry,
            config=framework.config,
            info=DelayedInfo(executor, field, place),
        )
    except Exception:  # noqa: BLE001 - whatever it is: the framework raises it again
        return None


class _Place(NamedTuple):
    """Where a value stands in what was coerced, and what it is given as; `is_maybe` where being left out is told."""

    name: str
    python_name: str
    convert: Convert | None
    is_maybe: bool


def _place(framework: strawberry.Schema, name: str, python_name: str, of_type: Any, within: tuple[type, ...]) -> _Place:
    if not isinstance(of_type, StrawberryMaybe):
        return _Place(name, python_name, _conversion(framework, of_type, within), is_maybe=False)
    if not isinstance(of_type.of_type, StrawberryOptional):
        # What is wrong with a null, the framework says.
        raise Unforeseen
    return _Place(name, python_name, _conversion(framework, of_type.of_type, within), is_maybe=True)


def _taking(places: Sequence[_Place], otherwise: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    by_name = {name: (python_name, convert, is_maybe) for name, python_name, convert, is_maybe in places}

    def take(coerced: Mapping[str, Any]) -> dict[str, Any]:
        """Convert what is given; what is given in no place is for the framework, as whatever raises is."""
        given = {**otherwise}
        for name, value in coerced.items():
            python_name, convert, is_maybe = by_name[name]
            converted = value if convert is None or value is None or value is UNSET else convert(value)
            given[python_name] = Some(converted) if is_maybe else converted
        return given

    return take


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
        _place(
            framework,
            names.from_field(field),
            field.python_name,
            field.resolve_type(type_definition=definition),
            within,
        )
        for field in fields
    ]
    without_default = [
        field.python_name for field in fields if field.default_value is MISSING and field.default_factory is MISSING
    ]
    otherwise = dict.fromkeys(without_default if definition.is_input else ())
    take = _taking(taken, otherwise)
    return lambda value: of_class(**take(value))
