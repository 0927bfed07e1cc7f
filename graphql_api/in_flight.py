"""How many requests are worked on at once, or wait to be."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphql_api.refusals import overloaded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from graphql_api.arrival import Arrival


class InFlight:
    """Bounds how many requests are worked on or wait to be, apart from those that wait for their callers.

    `requests` has all of them, each until its answer, and from its coming if all of it was posted at once: the set that
    the deadlines watch over, so that nothing else has to be noted of a request. `maximum` is how many it may have.
    """

    def __init__(self, requests: Collection[Arrival], maximum: int) -> None:
        self.requests = requests
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
        if len(self.requests) > self.maximum:
            raise overloaded()
