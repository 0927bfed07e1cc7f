"""Introspection of what the framework describes wrongly."""

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter


def describe_one_of(schema: GraphQLSchema) -> None:
    """Have `__Type.isOneOf` say whether an input object is oneOf, and null of every other type.

    The framework's own resolver fails for lists and types that are not null, and says false of what is no input object.
    """
    described = schema.type_map["__Type"]
    if isinstance(described, GraphQLObjectType):
        described.fields["isOneOf"] = GraphQLField(GraphQLBoolean, resolve=_is_one_of)


def _is_one_of(described: object, _info: object) -> bool | None:
    if not isinstance(described, GraphQLInputObjectType):
        return None
    definition = described.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return bool(getattr(definition, "is_one_of", False))
