"""The size that a list of a document is priced at: what an argument or its variable asks for, else what is assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import IntValueNode, ListValueNode, NullValueNode, VariableNode

from schema.pagination import PAGE_SIZE_MAXIMUM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import FieldNode, ValueNode

    from schema.documents.field_costs import FieldCost

_DIGITS_READ = 11
_NUMBERS = (int, float)


@dataclass(frozen=True, slots=True)
class VariableSize:
    """The size of a list that variables decide: the largest of theirs and of those known already.

    `by_lists` says that variables count by their length, and not by the number that they are.
    """

    known: tuple[int, ...]
    variables: tuple[str, ...]
    assumed: int
    by_lists: bool

    def given(self, variables: Mapping[str, Any]) -> int:
        """Give the size for the values of variables."""
        size_of = _length if self.by_lists else _size
        sizes = [size for name in self.variables if (size := size_of(variables.get(name))) is not None]
        return max((*sizes, *self.known), default=self.assumed)


def size_of_list(node: FieldNode, cost: FieldCost) -> int | VariableSize:
    """Give the size of the list that a field sizes or is: a number, unless variables decide it.

    Of several arguments the largest counts, up to the largest page; without any, what is assumed.
    """
    known: list[int] = []
    variables: list[str] = []
    assumed = cost.size or 0
    for argument in node.arguments or ():
        if argument.name.value in cost.sliced_by:
            if isinstance(argument.value, VariableNode):
                variables.append(argument.value.name.value)
            elif (size := _literal_size(argument.value, is_list=cost.sliced_by_lists)) is not None:
                known.append(size)
    if variables:
        return VariableSize(tuple(known), tuple(variables), assumed, cost.sliced_by_lists)
    return max(known, default=assumed)


def _literal_size(value: ValueNode, *, is_list: bool) -> int | None:
    if isinstance(value, NullValueNode):
        return None
    if is_list:
        return _length(value.values if isinstance(value, ListValueNode) else value)
    if isinstance(value, IntValueNode):
        # An id may be a number of thousands of digits; the first of them say that it is no small number.
        return _size(int(value.value[:_DIGITS_READ]))
    # No number is refused by validation.
    return None


def _length(value: Any) -> int | None:
    """Give the length of a list: where one is wanted, a single value is a list of one."""
    if value is None:
        return None
    return min(len(value), PAGE_SIZE_MAXIMUM) if isinstance(value, list | tuple) else 1


def _size(value: Any) -> int | None:
    """Give the size that a value asks for; None where it asks for none. What is out of bounds is refused later."""
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        return None
    return int(max(0, min(value, PAGE_SIZE_MAXIMUM)))
