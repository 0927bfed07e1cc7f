"""Where a value stands in the response."""

from __future__ import annotations

from typing import Any

from graphql.pyutils import Path

Place = tuple[Any, str | int, str | None]
"""What a Path of the library is: the place within which it is, name or index, and the type of the object.

A tuple is made in a tenth of the time, and most are never looked at: they are asked for where something fails.
"""


def path_of(place: Place) -> Path:
    """Give the library's path of a place."""
    if isinstance(place, Path):
        return place
    within, key, type_name = place
    return Path(None if within is None else path_of(within), key, type_name)
