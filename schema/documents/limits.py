"""How large, deep and costly a document may be."""

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, Node

LIMIT_EXCEEDED = "LIMIT_EXCEEDED"


@dataclass(frozen=True)
class DocumentLimits:
    """The most that a document may have of each, fragments counted wherever they are spread.

    `characters` and `tokens` are those of the whole text, `operations` those in it. `depth` counts fields within
    fields, `input_depth` lists and objects within each other in a literal or a variable. `cost` is what the
    fields cost together, see cost.py.
    """

    characters: int = 200_000
    tokens: int = 2_000
    operations: int = 20
    root_fields: int = 30
    depth: int = 16
    aliases: int = 50
    directives: int = 50
    input_depth: int = 8
    cost: int = 16_000


class LimitExceeded(GraphQLError):
    """A document or its variables exceed a limit."""

    def __init__(self, limit: str, maximum: int, found: int | None, remedy: str, *, node: Node | None = None) -> None:
        """Name the limit, its maximum, and how much there was where that was counted to the end."""
        extensions: dict[str, Any] = {"code": LIMIT_EXCEEDED, "limit": limit, "maximum": maximum}
        if found is not None:
            extensions["found"] = countable(found)
        super().__init__(
            _sentence(limit, maximum, found) + f" {remedy}",
            nodes=None if node is None else [node],
            extensions=extensions,
        )


def _sentence(limit: str, maximum: int, found: int | None) -> str:
    if found is None:
        return f"The document's {limit} may be at most {maximum}."
    shown = str(found) if found < 10**9 else "more than a thousand million"
    return f"The document's {limit} may be at most {maximum}; this has {shown}."


def countable(found: int) -> int:
    """Give a count as every reader of JSON can hold it: fragments that fan out multiply beyond all numbers."""
    return min(found, 2**53 - 1)
