"""A request as its connection sees it and the application works on it: until its caller leaves, or its time is up."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql_api.deadlines import Deadlines
    from graphql_api.refusals import Refusal
    from schema.turns_while_busy import Group, TurnsWhileBusy

ARRIVAL: Final = "arrival"
"""Where in a request's `scope` its connection puts what it knows."""


class Arrival:
    """A request and the work on it, which is what its `task` does for as long as it is set.

    Stopping the work cancels the task. `began` is when the first byte came, by the clock of the event loop. `is_whole`
    says that the last one came as well, `left` that nobody will read the response (the caller left, or its connection
    answered with a `refusal`), and `stopped` that the work was stopped: because of that, or by its deadline.

    It has a turn where its `group` is set. It had to wait for one where `waited_from` says since when, by
    time.perf_counter(). `is_too_much` says that too many others have begun or wait to.
    """

    # What most requests never set is the class's, which spares them half of the time that it takes to make one.
    is_whole = False
    left = False
    refusal: Refusal | None = None
    stopped = False
    task: asyncio.Task[object] | None = None
    group: Group | None = None
    waited_from: float | None = None
    is_too_much = False
    # What begins the work, for as long as it waits.
    _begin: Callable[[], None] | None = None
    # Where it is counted from its coming on, until all is done.
    _among: set[Arrival] | None = None

    def __init__(self, began: float) -> None:
        self.began = began

    def leave(self) -> None:
        """Say that nobody will read the response."""
        self.left = True
        self.stop()

    def stop(self) -> None:
        """Stop the work, where it goes on or waits to begin.

        Not for its own task to call: that would end whatever it does next.
        """
        if self.stopped:
            return
        if self.task is not None:
            self.stopped = True
            self.task.cancel()
        elif self._begin is not None:
            self.stopped = True
            self._end_waiting()

    def count_among(self, others: set[Arrival]) -> None:
        """Count among others from now on, until it is done."""
        self._among = others
        others.add(self)

    def wait(self, turns: TurnsWhileBusy, deadlines: Deadlines, begin: Callable[[], None]) -> None:
        """Wait for a turn to begin the work in, or begin without one where it is to be stopped before that."""
        self.waited_from = time.perf_counter()
        self._begin = begin
        turns.wait(1, self._take)
        deadlines.watch(self)

    def _take(self, group: Group) -> bool:
        if self._begin is None:
            return False
        self.group = group
        self._end_waiting()
        return True

    def _end_waiting(self) -> None:
        if self._begin is not None:
            # It leads back to this one, and would keep it until Python looks for such circles, which it seldom does.
            begin, self._begin = self._begin, None
            begin()

    def step_aside(self) -> None:
        """Let another request begin: this one is done, or will wait for a turn of another kind."""
        if self.group is not None:
            group, self.group = self.group, None
            group.give_back(1)

    def done(self) -> None:
        """Say that all is done for the request, whatever that was, but for sending what came of it."""
        if self.group is not None:
            self.step_aside()
        if self._among is not None:
            # The endpoint takes out what it executes; what was posted to another path is taken out here.
            self._among.discard(self)

    def end(self, deadlines: Deadlines) -> bool:
        """End the work, whatever came of it; tell whether a cancellation of it is this one's alone."""
        deadlines.watched.discard(self)
        task, self.task = self.task, None
        return self.stopped and task is not None and not task.uncancel()


def arrival_of(scope: Any) -> Arrival:
    """Give what the connection knows; under a server that tells nothing, the request begins now."""
    arrival: Arrival | None = scope.get(ARRIVAL)
    return arrival or Arrival(asyncio.get_running_loop().time())
