"""What passed all checks, for requests that would pass in the same way."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from schema.documents.cost import Sum

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schema.documents.cost import Amount
    from schema.documents.prepared import Checked

KEPT_MAXIMUM: Final = 8
"""For how many values it is kept what came out for them: most callers ask for pages of one size."""

BYTES_KEPT_MAXIMUM: Final = 1_000 + KEPT_MAXIMUM * 700
"""How much memory that takes for an operation; names of variables are in its text."""

# Values of other types may be equal to these and ask for another size: True is equal to 1, and is no size.
_KEPT_TYPES: Final = frozenset((int, NoneType))


class PassedBySizes:
    """What passed of an operation whose cost is decided by variables, by their values.

    Kept are values that are integers or null. `defaults` are those of the variables that the document gives.
    """

    __slots__ = ("_defaults", "_kept", "_names")

    def __init__(self, amount: Amount, defaults: Mapping[str, Any]) -> None:
        self._names = _sizing(amount)
        self._defaults = tuple(defaults.get(name) for name in self._names)
        self._kept: dict[tuple[int | None, ...], Checked] = {}

    def find(self, variables: Mapping[str, Any]) -> Checked | None:
        """Give what is kept for the values of variables; None where nothing is."""
        values = tuple(map(variables.get, self._names, self._defaults))
        return self._kept.get(values) if _KEPT_TYPES.issuperset(map(type, values)) else None

    def keep(self, variables: Mapping[str, Any], checked: Checked) -> None:
        """Keep what passed, in the place of the oldest where there are as many as may be."""
        values = tuple(map(variables.get, self._names, self._defaults))
        if _KEPT_TYPES.issuperset(map(type, values)):
            if len(self._kept) >= KEPT_MAXIMUM:
                del self._kept[next(iter(self._kept))]
            self._kept[values] = checked


def _sizing(amount: Amount) -> tuple[str, ...]:
    """Give the names of the variables that decide an amount."""
    names: dict[str, None] = {}
    seen: set[int] = set()
    waiting = [amount]
    while waiting:
        part = waiting.pop()
        if isinstance(part, int) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Sum):
            for size, inner in part.terms:
                if not isinstance(size, int):
                    names.update(dict.fromkeys(size.variables))
                waiting.append(inner)
        else:
            waiting += part.amounts
    return tuple(names)
