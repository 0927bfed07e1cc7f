"""How many requests are worked on at once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphql_api.refusals import overloaded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from graphql_api.arrival import Arrival


class InFlight:
    """Knows whether another request may be worked on, of those that are at work and do not wait for their caller.

    There may be `maximum` of these. `at_work` has all, each from its beginning to its end: the set that the deadlines
    watch over, so that nothing else has to be noted of a request.
    """

    def __init__(self, at_work: Collection[Arrival], maximum: int) -> None:
        self._at_work = at_work
        self._maximum = maximum
        self._pausing = 0

    def require_room(self) -> None:
        """Refuse a request that is at work already, where there are as many as may be without it.

        Raises:
            Refusal: there are.
        """
        if len(self._at_work) - self._pausing > self._maximum:
            raise overloaded()

    @contextmanager
    def pausing(self) -> Iterator[None]:
        """Make room for another in the middle of a request, and go on with it afterwards.

        Raises:
            Refusal: as many are working by then as may.
        """
        self._pausing += 1
        try:
            yield
        finally:
            self._pausing -= 1
        self.require_room()
