"""A field of an operation, with what is known of it before any value is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from graphql import GraphQLList, ListValueNode, ObjectValueNode, VariableNode, get_nullable_type
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graphql_api.execution.argument_values import argument_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLOutputType, GraphQLSchema, ValueNode
    from graphql.execution.collect_fields import FieldDetailsList
    from graphql.execution.values import VariableValues
    from strawberry.types.field import StrawberryField


@dataclass(eq=False, slots=True)
class PlannedField:
    """A field of an object type, with all the nodes of the document that ask for it.

    `item_type` is that of the items where the field is a list, else that of the field. `runs` holds what carries out
    the field's selection of an object, by the object's class; it fills as objects are met. `complete` turns a value of
    the resolver's into its part of the response. `coerced` gives its arguments for the values of variables, or None
    where the library has to; `convert` makes of them what the resolver takes, where that takes nothing that only the
    framework can do.
    """

    response_name: str
    parent_type: GraphQLObjectType
    definition: GraphQLField
    resolver: StrawberryField | None
    details: FieldDetailsList
    nodes: list[FieldNode]
    return_type: GraphQLOutputType
    item_type: GraphQLOutputType
    has_constant_arguments: bool
    coerced: Callable[[VariableValues], dict[str, Any] | None] | None
    runs: dict[type, Callable[..., Any]] = field(default_factory=dict)
    complete: Callable[..., Any] = field(init=False)
    convert: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None


def planned_field(
    schema: GraphQLSchema, parent_type: GraphQLObjectType, response_name: str, details: FieldDetailsList
) -> PlannedField:
    """Plan a field of a document that was validated."""
    definition = cast("GraphQLField", schema.get_field(parent_type, details[0].node.name.value))
    nullable = get_nullable_type(definition.type)
    is_constant = not any(_has_variable(argument.value) for argument in details[0].node.arguments or ())
    return PlannedField(
        response_name,
        parent_type,
        definition,
        definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF),
        details,
        [each.node for each in details],
        definition.type,
        nullable.of_type if isinstance(nullable, GraphQLList) else definition.type,
        is_constant,
        # What is constant is coerced once, and that the library can do.
        None if is_constant else argument_values(definition, details[0]),
    )


def _has_variable(value: ValueNode) -> bool:
    match value:
        case VariableNode():
            return True
        case ListValueNode():
            return any(map(_has_variable, value.values))
        case ObjectValueNode():
            return any(_has_variable(entry.value) for entry in value.fields)
    return False
