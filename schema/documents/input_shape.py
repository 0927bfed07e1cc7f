"""How deep and large the variables of a request are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class InputShape:
    """What is counted of variables.

    `depth` is how many lists and objects lie within each other, the variables themselves apart; `length` that of the
    longest list.
    """

    depth: int
    length: int


def measured(variables: Mapping[str, object], *, values_maximum: int) -> InputShape | None:
    """Measure the JSON of variables; None where they hold more values than the maximum: it looks no further then."""
    deepest = longest = values = 0
    waiting: list[tuple[object, int]] = [(variables, 0)]
    while waiting:
        value, depth = waiting.pop()
        if not isinstance(value, dict | list):
            continue
        values += len(value)
        if values > values_maximum:
            return None
        if isinstance(value, list):
            longest = max(longest, len(value))
        deepest = max(deepest, depth)
        waiting += [(entry, depth + 1) for entry in (value.values() if isinstance(value, dict) else value)]
    return InputShape(deepest, longest)
