"""How many requests are worked on at once."""

from __future__ import annotations

from graphql_api.refusals import overloaded


class InFlight:
    """A context manager for working on a request, which at most `maximum` may be in at once."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._working = 0

    def __enter__(self) -> None:
        """Begin.

        Raises:
            Refusal: as many are working as may.
        """
        if self._working >= self._maximum:
            raise overloaded()
        self._working += 1

    def __exit__(self, *_: object) -> None:
        """Make room for another."""
        self._working -= 1
