"""Asking for readiness all the while, and comparing the answers with what is known of the database."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.api.processes import wait_for
from tests.faults.requests import BACK_WITHIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.processes import Server

ANSWERED_WITHIN = 4.0
"""Seconds within which readiness is answered: three are promised, and one is for a busy machine."""


@dataclass
class Readiness:
    """What was answered, and when the database was there."""

    answers: list[tuple[float, float, int]] = field(default_factory=list)
    changes: list[tuple[float, bool | None]] = field(default_factory=list)

    def database_is(self, *, there: bool | None) -> None:
        """Note how it stands with the database from now on; None while it comes or goes."""
        self.changes.append((time.monotonic(), there))

    def wait_until_known(self) -> None:
        """Wait for an answer that has to know how it stands with the database."""
        known = self.changes[-1][0] + BACK_WITHIN
        wait_for(lambda: self.answers[-1][0] > known, "an answer that has to know")

    def check(self) -> None:
        """An answer may be of either kind only while the database comes or goes, and for a moment after it came."""
        seen = set()
        for began, ended, status in self.answers:
            assert ended - began < ANSWERED_WITHIN
            since, there = [change for change in self.changes if change[0] <= began][-1]
            is_fresh = there is True and began < since + BACK_WITHIN
            if there is None or is_fresh or any(began < moment < ended for moment, _ in self.changes):
                continue
            assert status == (200 if there else 503), (there, began - since)
            seen.add(there)
        assert seen == {True, False}, "otherwise this tests nothing"


@contextmanager
def readiness_of(server: Server) -> Iterator[Readiness]:
    """Ask a server for its readiness until the block ends, and check the answers. The database is there at first."""
    readiness = Readiness()
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            began = time.monotonic()
            status = server.get("/readyz").status_code
            readiness.answers.append((began, time.monotonic(), status))

    # So long ago that it counts as known.
    readiness.changes.append((time.monotonic() - BACK_WITHIN, True))
    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield readiness
    finally:
        is_over.set()
        asking.join()
    readiness.check()
