"""How many requests are worked on at once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphql_api.refusals import overloaded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from graphql_api.arrival import Arrival


class InFlight:
    """Bounds how many requests are worked on at once, apart from those that wait for their callers.

    `at_work` has all of them, each from its beginning to its end: the set that the deadlines watch over, so that
    nothing else has to be noted of a request. `maximum` is how many it may have.
    """

    def __init__(self, at_work: Collection[Arrival], maximum: int) -> None:
        self.at_work = at_work
        self.maximum = maximum

    @contextmanager
    def pausing(self) -> Iterator[None]:
        """Make room for another in the middle of a request, and go on with it afterwards.

        Raises:
            Refusal: as many are working by then as may.
        """
        self.maximum += 1
        try:
            yield
        finally:
            self.maximum -= 1
        if len(self.at_work) > self.maximum:
            raise overloaded()
