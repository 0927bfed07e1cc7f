"""How deep and large the variables of a request are."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HOLDS_OTHERS = (dict, list)

HOLD_NOTHING = frozenset((str, int, float, bool, NoneType))
"""The types of values that hold no others."""


def measured(variables: Mapping[str, object], values_maximum: int) -> tuple[int, int] | None:
    """Give how deep lists and objects lie within each other, the variables themselves apart, and the longest list.

    None where variables hold more values than the maximum: it looks no further then.
    """
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
                # Most are told by their type, which is sooner than to ask whether they are of one of two.
                if type(entry) not in HOLD_NOTHING and isinstance(entry, _HOLDS_OTHERS):
                    inner.append(entry)  # noqa: PERF401 - a comprehension for each value takes longer than most have
        if not inner:
            return depth, longest
        depth += 1
        level = inner
