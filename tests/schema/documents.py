"""The connections of the schema as documents, and which fields of the root documents ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import graphql

from schema.build import build_schema, sdl

if TYPE_CHECKING:
    from collections.abc import Iterable

# Every connection, below a team or a session and at the root; `%` takes what to select of it, and it is called `page`.
NESTED = {
    "apiKeys": "query($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Team {"
    "page: apiKeys(first: $first, after: $after) {%s} } } }",
    "sessions": "query($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Team {"
    "page: sessions(first: $first, after: $after) {%s} } } }",
    "messages": "query($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Session {"
    "page: messages(first: $first, after: $after) {%s} } } }",
    "all messages": "query($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Session {"
    "page: messages(first: $first, after: $after, includeCleared: true) {%s} } } }",
}
ROOTS = {
    "teams": "query($first: Int, $after: String) { page: teams(first: $first, after: $after) {%s} }",
    "sessions of all": "query($first: Int, $after: String) { page: sessions(first: $first, after: $after) {%s} }",
}
PAGE = "nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
# What a tool asks for that wants to know everything about the schema; the library's query lacks one field.
EVERYTHING = graphql.get_introspection_query(
    specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
).replace("fragment FullType on __Type {", "fragment FullType on __Type { isOneOf")


def public_schema() -> graphql.GraphQLSchema:
    """Give the schema as clients see it."""
    return graphql.build_schema(sdl(build_schema()))


def query_fields() -> set[str]:
    """Name the fields of the root of queries."""
    query_type = public_schema().query_type
    assert query_type is not None
    return set(query_type.fields)


def root_fields(documents: Iterable[str]) -> set[str]:
    """Name the fields of the root that documents ask for."""
    return {
        field.name.value
        for document in documents
        for definition in graphql.parse(document).definitions
        if isinstance(definition, graphql.OperationDefinitionNode)
        for field in definition.selection_set.selections
        if isinstance(field, graphql.FieldNode)
    }
