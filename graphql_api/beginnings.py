"""Beginning with requests in the order of coming, several together and no more than a few while the processor is busy.

Those that begin together go on alike: the processor does the same for one after the other, and has in its cache what
that takes. Those that wait meanwhile would wait for a connection to the database, with all that was made of them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from graphql_api.arrival import ARRIVAL
from schema.turns_while_busy import TurnsWhileBusy

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from graphql_api.arrival import Arrival
    from graphql_api.deadlines import Deadlines
    from graphql_api.in_flight import InFlight

BEGINNINGS: Final = "beginnings"
"""Where an application puts them in what it has the server keep of its lifespan, for connections to find them."""

TOGETHER_MAXIMUM: Final = 24
"""How many requests are worked on together while the processor is busy: twice as many as there are connections to the
database by default, and a few."""

_REMAINDER: Final = 8
"""How many of them may be left when the next begin: enough to keep the database at work meanwhile."""

_SECONDS_BETWEEN_LOOKS: Final = 0.005

start = HttpToolsProtocol._start_asgi_task  # noqa: SLF001 - connections override it to come here
"""Begin with a request of a connection at once."""


class Beginnings:
    """Has requests begin in turn. Those that wait count among those that are in flight, and have the same deadline.

    Turns are for those that post something, and all of it: a health check and a page wait for nobody, and nobody waits
    for a body that is still on its way. Who leaves, or whose time is up, begins at once and takes no turn: what comes
    of that is the application's to say.
    """

    def __init__(self, in_flight: InFlight, deadlines: Deadlines, turns: TurnsWhileBusy | None = None) -> None:
        self._in_flight = in_flight
        self._deadlines = deadlines
        self._turns = turns or TurnsWhileBusy(TOGETHER_MAXIMUM, _REMAINDER, _SECONDS_BETWEEN_LOOKS)

    def begin(self, connection: HttpToolsProtocol, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Have the work on a request of a connection begin, now or later."""
        arrival: Arrival = cycle.scope[ARRIVAL]  # type: ignore[typeddict-item] # ours; uvicorn names its own
        if cycle.scope["method"] != "POST" or not arrival.is_whole:
            start(connection, cycle, app)
        elif len(self._in_flight.requests) >= self._in_flight.maximum:
            arrival.is_too_much = True
            start(connection, cycle, app)
        else:
            # Here and not by its task: of those that come in one turn of the event loop none has run yet.
            arrival.count_among(self._deadlines.watched)
            if (group := self._turns.take_at_once(1)) is not None:
                arrival.group = group
                start(connection, cycle, app)
            else:
                arrival.wait(self._turns, self._deadlines, partial(start, connection, cycle, app))

    def begin_all(self) -> None:
        """Begin with all who wait: the process is about to end, and only what has begun is answered by then."""
        self._turns.begin_all()
