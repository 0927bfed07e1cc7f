"""What the fields of a schema cost, as the directives beside them say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.cost_directives import Cost, ListSize


@dataclass(frozen=True, slots=True)
class FieldCost:
    """What one field costs.

    `size` is how many entries the field's own list, or the lists within it, are priced at unless one of `sliced_by`
    says how many; None where there is no list. `sliced_by_lists` marks arguments that are lists, which count by their
    length. `is_sized_by_parent` marks the lists within such a field.
    """

    weight: int = 1
    size: int | None = None
    sliced_by: Sequence[str] = ()
    sliced_by_lists: bool = False
    sizes_fields: bool = False
    is_sized_by_parent: bool = False


_ORDINARY = FieldCost()


class FieldCosts:
    """The costs of a schema's fields, by type and field."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._costs = _introspection(schema)
        sized_by_parent: set[tuple[str, str]] = set()
        for type_name, field_name, field in _fields(schema):
            directives = _directives(field)
            weight = next((int(given.weight) for given in directives if isinstance(given, Cost)), 1)
            size = next((given for given in directives if isinstance(given, ListSize)), None)
            if size is not None:
                inner = get_named_type(field.type).name
                sized_by_parent |= {(inner, sized) for sized in size.sized_fields or ()}
            if directives:
                sliced_by = () if size is None else tuple(size.slicing_arguments or ())
                self._costs[type_name, field_name] = FieldCost(
                    weight,
                    None if size is None else size.assumed_size,
                    sliced_by,
                    sliced_by_lists=any(is_list_type(get_nullable_type(field.args[name].type)) for name in sliced_by),
                    sizes_fields=size is not None and bool(size.sized_fields),
                )
        for sized in sized_by_parent:
            self._costs[sized] = FieldCost(is_sized_by_parent=True)

    def of(self, type_name: str, field_name: str) -> FieldCost:
        """Give the cost of a field."""
        return self._costs.get((type_name, field_name), _ORDINARY)


def _fields(schema: GraphQLSchema) -> list[tuple[str, str, GraphQLField]]:
    return [
        (named.name, field_name, field)
        for named in schema.type_map.values()
        if isinstance(named, GraphQLObjectType) and not named.name.startswith("__")
        for field_name, field in named.fields.items()
    ]


def _directives(field: GraphQLField) -> list[Any]:
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return [given for given in getattr(definition, "directives", ()) if isinstance(given, Cost | ListSize)]


def _introspection(schema: GraphQLSchema) -> dict[tuple[str, str], FieldCost]:
    """Price the lists of introspection, which no directive can be put beside, at what they hold in a usual type."""
    sizes: Mapping[tuple[str, str], int] = {
        ("__Schema", "types"): len(schema.type_map),
        ("__Schema", "directives"): len(schema.directives),
        ("__Type", "fields"): 10,
        ("__Type", "inputFields"): 3,
        ("__Type", "enumValues"): 3,
        ("__Type", "possibleTypes"): 3,
        ("__Type", "interfaces"): 1,
        ("__Field", "args"): 1,
        ("__Directive", "args"): 2,
        ("__Directive", "locations"): 1,
    }
    return {field: FieldCost(size=size) for field, size in sizes.items()}
