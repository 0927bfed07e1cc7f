"""The end of a process that cannot end in good order: it comes in time all the same, and its exit code says so."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil

from graphql_api.shutdown import CUT_SHORT
from tests.api.processes import ADMIN_KEY, PATIENCE, PROGRAM, environment, postgres_on, serving, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WITHIN = 10.0


def assert_is_cut_short(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    began = time.monotonic()
    assert process.wait(timeout=PATIENCE) == CUT_SHORT
    assert time.monotonic() - began < WITHIN


@contextmanager
def with_a_log_that_nobody_reads(directory: Path, workers: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `serve`; once it serves, the next line of its log waits for ever, as with a collector that has stopped."""
    with subprocess.Popen(  # noqa: S603 - the command is ours
        [*PROGRAM, "serve", "--port", "0", "--workers", workers],
        cwd=directory,
        env=environment(**settings),
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            assert process.stderr is not None
            # Each says that it has begun.
            started = 0
            for line in process.stderr:
                started += b"Application startup complete." in line
                if started == int(workers):
                    break
            pipe = os.open(f"/proc/{process.pid}/fd/2", os.O_WRONLY | os.O_NONBLOCK)
            with suppress(BlockingIOError):
                while True:
                    os.write(pipe, b"." * 4096)
            with suppress(BlockingIOError):
                while True:
                    os.write(pipe, b".")
            os.close(pipe)
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def test_a_log_that_nobody_reads_holds_no_process_up(tmp_path: Path, data_directory: Path) -> None:
    """Its PostgreSQL goes on, and the next run takes it over and stops it."""
    private = {"EMBEDDED_POSTGRES_DIRECTORY": str(data_directory)}
    with with_a_log_that_nobody_reads(tmp_path, "1", **private) as process:
        assert_is_cut_short(process)
    with serving(tmp_path, **private) as server:
        server.process.terminate()
        assert server.exit_code() == 0
    assert postgres_on(data_directory) == []


def test_a_log_that_nobody_reads_holds_no_workers_up(tmp_path: Path, migrated_database: str) -> None:
    """Neither them nor the process that is to end them."""
    settings = {"DATABASE_URL": migrated_database, "SUPER_ADMIN_API_KEYS": f"ops:{ADMIN_KEY}"}
    with with_a_log_that_nobody_reads(tmp_path, "2", **settings) as process:
        workers = psutil.Process(process.pid).children(recursive=True)
        assert len(workers) >= 2
        assert_is_cut_short(process)
        wait_for(lambda: not any(works(worker) for worker in workers), "the workers to be gone")


def works(process: psutil.Process) -> bool:
    # Where nobody reaps it, what was killed seems to run.
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_worker_that_heeds_no_signal_is_killed(tmp_path: Path, data_directory: Path) -> None:
    """What comes after it is done in good order: the private PostgreSQL is stopped."""
    with serving(tmp_path, "--workers", "2", EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:
        # Of one that is still starting, the supervisor would wait to hear before it heeds a signal.
        wait_for(lambda: server.output.read_text().count("startup complete") == 2, "both workers")
        (*_, worker) = psutil.Process(server.process.pid).children()
        # Not before: the supervisor would notice, and start another.
        server.process.terminate()
        worker.suspend()
        began = time.monotonic()
        assert server.exit_code() == CUT_SHORT
        assert time.monotonic() - began < WITHIN
    assert postgres_on(data_directory) == []
