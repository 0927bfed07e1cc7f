"""Documents prepared without a server."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from schema.build import build_schema
from schema.documents.limits import LIMIT_EXCEEDED, DocumentLimits
from schema.documents.prepared import Documents

if TYPE_CHECKING:
    import graphql

    from schema.documents.prepared import PreparedOperation


@cache
def built() -> graphql.GraphQLSchema:
    """Give the schema as it is executed."""
    return build_schema()._schema  # noqa: SLF001 - the framework has no other way to it


def documents(**limits: int) -> Documents:
    """Give a place to prepare documents in, with the limits named."""
    return Documents(built(), DocumentLimits(**limits))


def operation(document: str, **limits: int) -> PreparedOperation:
    """Give the one operation of a document that has to be within the limits."""
    prepared = documents(**limits).prepare(document)
    assert not prepared.refusals
    (found,) = prepared.operations
    return found


def cost(document: str, **variables: Any) -> int:
    """Give the cost of a document's one operation."""
    return operation(document).cost(variables)


def exceeded(document: str, **limits: int) -> dict[str, tuple[int, int]]:
    """Give the limits that a document exceeds: what there was of each, and the most there may be."""
    prepared = documents(**limits).prepare(document)
    extensions = [refusal.extensions or {} for refusal in prepared.refusals]
    assert all(each["code"] == LIMIT_EXCEEDED for each in extensions), prepared.refusals
    return {each["limit"]: (each["found"], each["maximum"]) for each in extensions}
