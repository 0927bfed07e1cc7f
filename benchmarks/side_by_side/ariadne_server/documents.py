"""Documents that came before are parsed and validated once, as Strawberry's own caches have it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import DocumentNode, GraphQLError, parse, validate

if TYPE_CHECKING:
    from graphql import GraphQLSchema

DOCUMENTS = 1000
"""How many are kept."""


class KeptDocuments:
    """The documents of a schema by their text."""

    def __init__(self) -> None:
        self._parsed = lru_cache(DOCUMENTS)(parse)
        self._valid: dict[int, DocumentNode] = {}

    def parse(self, _: Any, data: dict[str, Any]) -> DocumentNode:
        """Parse a request's document, or find it."""
        return self._parsed(data["query"])

    def validate(self, schema: GraphQLSchema, document: DocumentNode, **options: Any) -> list[GraphQLError]:
        """Validate a document that was not found to be valid before."""
        if id(document) in self._valid:
            return []
        errors = validate(schema, document, **options)
        if not errors:
            if len(self._valid) >= DOCUMENTS:
                del self._valid[next(iter(self._valid))]
            # Kept itself, so that no other document gets its id.
            self._valid[id(document)] = document
        return errors
