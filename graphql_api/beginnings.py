"""Beginning with requests in the order of coming, several together and no more than a few while the processor is busy.

Those that begin together go on alike: the processor does the same for one after the other, and has in its cache what
that takes. Those that wait meanwhile would wait for a connection to the database, with all that was made of them.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from graphql_api.arrival import ARRIVAL
from schema.turns_while_busy import TurnsWhileBusy

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from graphql_api.arrival import Arrival

TOGETHER_MAXIMUM: Final = 24
"""How many requests are worked on together while the processor is busy: twice as many as there are connections to the
database by default, and a few."""

_REMAINDER: Final = 8
"""How many of them may be left when the next begin: enough to keep the database at work meanwhile."""

_SECONDS_BETWEEN_LOOKS: Final = 0.005

_start = HttpToolsProtocol._start_asgi_task  # noqa: SLF001 - the connection overrides it to come here


class Beginnings:
    """Has requests begin in turn, of which a process has no more than `maximum` that have begun or wait to.

    Turns are for those that post something, and all of it: a health check and a page wait for nobody, and nobody waits
    for a body that is still on its way.
    """

    def __init__(self, maximum: int, turns: TurnsWhileBusy | None = None) -> None:
        self._maximum = maximum
        self._turns = turns or TurnsWhileBusy(TOGETHER_MAXIMUM, _REMAINDER, _SECONDS_BETWEEN_LOOKS)

    def begin(self, connection: HttpToolsProtocol, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Have the work on a request of a connection begin, now or later."""
        arrival: Arrival = cycle.scope[ARRIVAL]  # type: ignore[typeddict-item] # ours; uvicorn names its own
        turns = self._turns
        if cycle.scope["method"] != "POST" or not arrival.is_whole:
            _start(connection, cycle, app)
        elif turns.take_at_once(1):
            arrival.turns = turns
            _start(connection, cycle, app)
        elif turns.cost + len(turns.waiting) >= self._maximum:
            arrival.is_too_much = True
            _start(connection, cycle, app)
        else:
            arrival.waited_from = time.perf_counter()
            turns.wait(1, partial(_begin, arrival, turns, connection, cycle, app))


def _begin(
    arrival: Arrival,
    turns: TurnsWhileBusy,
    connection: HttpToolsProtocol,
    cycle: RequestResponseCycle,
    app: ASGI3Application,
) -> bool:
    if not arrival.left:
        arrival.turns = turns
    _start(connection, cycle, app)
    return not arrival.left
