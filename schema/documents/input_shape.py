"""How deep and large the variables of a request are."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_HOLDS_OTHERS = (dict, list)


class InputShape(NamedTuple):
    """What is counted of variables.

    `depth` is how many lists and objects lie within each other, the variables themselves apart; `length` that of the
    longest list.
    """

    depth: int
    length: int


_HOLD_NOTHING = frozenset((str, int, float, bool, NoneType))
_FLAT = InputShape(0, 0)


def measured(variables: Mapping[str, object], *, values_maximum: int) -> InputShape | None:
    """Measure the JSON of variables; None where they hold more values than the maximum: it looks no further then."""
    if len(variables) <= values_maximum and _HOLD_NOTHING.issuperset(map(type, variables.values())):
        return _FLAT
    depth = longest = values = 0
    level: list[Any] = [variables]
    while True:
        inner = []
        for value in level:
            values += len(value)
            if values > values_maximum:
                return None
            if isinstance(value, list):
                longest = max(longest, len(value))
                entries: Iterable[Any] = value
            else:
                entries = value.values()
            for entry in entries:
                if isinstance(entry, _HOLDS_OTHERS):
                    inner.append(entry)  # noqa: PERF401 - a comprehension for each value takes longer than most have
        if not inner:
            return InputShape(depth, longest)
        depth += 1
        level = inner
