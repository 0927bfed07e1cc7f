"""How many requests are worked on at once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphql_api.refusals import overloaded

if TYPE_CHECKING:
    from collections.abc import Iterator


class InFlight:
    """Counts the requests that are worked on, of which there may be `maximum` at once."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._working = 0

    def begin(self) -> None:
        """Begin to work on one.

        Raises:
            Refusal: as many are working as may.
        """
        if self._working >= self._maximum:
            raise overloaded()
        self._working += 1

    def end(self) -> None:
        """Make room for another; has to follow whatever becomes of the one that was begun."""
        self._working -= 1

    @contextmanager
    def pausing(self) -> Iterator[None]:
        """Make room for another in the middle of it, and go on afterwards.

        Raises:
            Refusal: as many are working by then as may.
        """
        self._working -= 1
        try:
            yield
        finally:
            # It is among them again in either case, for end() to take it out.
            self._working += 1
        if self._working > self._maximum:
            raise overloaded()
