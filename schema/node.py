"""Global ids: opaque to clients, and each good for one type only."""

from binascii import a2b_base64, b2a_base64
from typing import ClassVar, Literal

import strawberry

from domain.errors import Refusal

LARGEST_INTEGER = 2**31 - 1
LARGEST_BIGINT = 2**63 - 1

ID_MAXIMUM_LENGTH = 100
"""What is longer is no id: the longest that this API writes has 36 characters. It is not worth decoding."""


@strawberry.interface(description="Something with a global id, which `node` finds again.")
class Node:
    """An object with a global id.

    The framework's own Node computes the id in a resolver for every object; here it is a plain attribute.

    What implements this makes its objects of rows by setting each attribute: the framework's constructors take them by
    keyword alone, which takes twice as long, and an answer may have a thousand objects.
    """

    id: strawberry.ID = strawberry.field(description="Opaque, globally unique, stable.")
    largest_row_id: ClassVar[int] = LARGEST_INTEGER

    @classmethod
    def row_id_of(cls, node_id: str) -> int | None:
        """Give the row that a client's id names; None where it is no id of this type."""
        type_name, row_id = parse_global_id(node_id)
        return row_id if type_name == cls.__name__ and row_id <= cls.largest_row_id else None

    @classmethod
    def named_row(cls, node_id: str, otherwise: type[Refusal]) -> int:
        """Give the row that a mutation's id names.

        Raises:
            Refusal: `otherwise`, where it is no id of this type.
        """
        row_id = cls.row_id_of(node_id)
        if row_id is None:
            raise otherwise
        return row_id


def global_id(type_name: str, row_id: int) -> strawberry.ID:
    """Write the global id of a row of a type, as the framework does it for one object at a time."""
    return b2a_base64(f"{type_name}:{row_id}".encode(), newline=False).decode()  # type: ignore[return-value] # to say that it is an ID is a call


def parse_global_id(node_id: str) -> tuple[str, int] | tuple[None, Literal[0]]:
    """Read a global id as type name and row id; nothing where it is not exactly what this API writes."""
    if len(node_id) > ID_MAXIMUM_LENGTH:
        return None, 0
    try:
        type_name, _, digits = a2b_base64(node_id).decode().partition(":")
    except ValueError:
        return None, 0
    row_id = int(digits) if digits.isascii() and digits.isdigit() else 0
    if not 1 <= row_id <= LARGEST_BIGINT or global_id(type_name, row_id) != node_id:
        return None, 0
    return type_name, row_id
