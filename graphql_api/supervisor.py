"""Several worker processes, and the end of all of them."""

from __future__ import annotations

import os
import signal
import threading
import time
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

import structlog
from uvicorn.supervisors import Multiprocess

from graphql_api.shutdown import CUT_SHORT, SECONDS_TO_CLOSE, SECONDS_TO_FINISH

if TYPE_CHECKING:
    import socket

    import uvicorn

logger = structlog.stdlib.get_logger(__name__)

_SECONDS_FOR_WORKERS = SECONDS_TO_FINISH + SECONDS_TO_CLOSE + 0.5
"""When workers are killed that have not ended, counted from the end of the delay."""

_SECONDS_TO_LEAVE = 2
"""How long this process may take once no worker is left: a private PostgreSQL has to be stopped."""

_SECONDS_BETWEEN_LOOKS = 0.1

_IN_GOOD_ORDER = (0, -signal.SIGTERM, -signal.SIGINT, 1)
"""How workers end that were asked to; with 1 where Ctrl-C reaches them while they start."""


class Supervisor(Multiprocess):
    """Several workers that end as one process would, whatever is in the way of one of them or of this process."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket, *, delay: float) -> None:
        """`delay` is for how many seconds after SIGTERM the workers still take connections."""
        super().__init__(config, sockets=[listener])
        self._asked: list[int] = []
        self._limit = threading.Timer(delay + _SECONDS_FOR_WORKERS, self._cut_short)
        self._limit.daemon = True
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    @property
    def ended_in_good_order(self) -> bool:
        """Whether all workers ended by themselves, when they were asked to."""
        return all(process.exitcode in _IN_GOOD_ORDER for process in self.processes)

    def keep_subprocess_alive(self) -> None:
        """Replace workers that ended by themselves or answer no more, as uvicorn does, which calls that no error."""
        before = list(self.processes)
        super().keep_subprocess_alive()
        for lost, worker in zip(before, self.processes, strict=True):
            if worker is not lost:
                logger.error(
                    "A worker was lost, and another takes its place.", worker=lost.pid, exit_code=lost.exitcode
                )

    def terminate_all(self) -> None:
        """Have all workers end."""
        super().terminate_all()
        # A listener that the supervisor kept open would take connections that nobody answers.
        for listener in self.sockets:
            listener.close()

    def join_all(self) -> None:
        """Wait until all workers have ended. Who asks again asks them: the first time was when they were told to."""
        passed_on = 1
        while running := [process.process for process in self.processes if process.exitcode is None]:
            for number in self._asked[passed_on:]:
                passed_on += 1
                for process in running:
                    if process.pid is not None and process.is_alive():
                        os.kill(process.pid, number)
            wait([process.sentinel for process in running], timeout=_SECONDS_BETWEEN_LOOKS)

    def _note(self, number: int, _: object) -> None:
        self._asked.append(number)
        self.signal_queue.append(number)
        # Here and not where the signal is heeded: this process may be held up before, by a log that nobody reads.
        if len(self._asked) == 1:
            self._limit.start()

    def _cut_short(self) -> None:
        for process in self.processes:
            process.process.kill()
        time.sleep(_SECONDS_TO_LEAVE)
        os._exit(CUT_SHORT)
