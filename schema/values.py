"""Objects of the schema that are values: nothing changes them, and all that can be selected of them is in them.

A type whose objects are values says so by `IS_VALUE: ClassVar[bool] = True`. It may then be one object in many answers,
and what was answered of it once may be answered again. None of its fields, nor of the fields below, takes arguments, is
told of the request, or is awaited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

VALUES_MAXIMUM = 500
"""How many values of a type are kept, as many as there are configurations that the merger shares."""

Source = TypeVar("Source")
Value = TypeVar("Value")


class Values(Generic[Source, Value]):
    """Makes a value of each immutable object, one and the same as long as both are kept."""

    def __init__(self, make: Callable[[Source], Value]) -> None:
        self._make = make
        self._made: dict[int, tuple[Source, Value]] = {}

    def of(self, source: Source) -> Value:
        """Give the value of an object: by what it is and not by what it equals, since a 1 equals a true."""
        found = self._made.get(id(source))
        if found is None:
            if len(self._made) >= VALUES_MAXIMUM:
                self._made.clear()
            # With its object, so that no other takes its place in memory and with that its id.
            found = self._made[id(source)] = (source, self._make(source))
        return found[1]
