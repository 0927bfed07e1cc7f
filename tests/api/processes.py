"""The program in processes of its own, as an operator runs it, and waiting for what it does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import httpx
import psutil
import pytest

from tests.pooled import pooled
from tests.running_api import EXECUTOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "graphql_api")
PATIENCE = 60.0
ADMIN_KEY = "process-admin-key-0123456789"

Answer = TypeVar("Answer")


def wait_for(condition: Callable[[], Answer], what: str, patience: float = PATIENCE) -> Answer:
    """Ask until the answer is a yes, and give it: the one place where tests spend time."""
    deadline = time.monotonic() + patience
    while not (answer := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"Waited in vain for {what}.")
        time.sleep(0.02)
    return answer


def environment(**settings: str) -> dict[str, str]:
    """An environment with these settings and none of the developer's."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
    ours = {
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "200",
        "GRAPHQL_EXECUTOR": EXECUTOR,
        # Nobody routes to these servers by their readiness.
        "SHUTDOWN_DELAY_SECONDS": "0",
    }
    return {**kept, **ours, **settings}


def through_pooler(settings: dict[str, str]) -> dict[str, str]:
    """Have a command reach its database by way of the test run's pooler, where there is one."""
    if by_way_of_pooler := pooled(settings.get("DATABASE_URL", "")):
        return {"DATABASE_POOLER": "pgbouncer", **settings, "DATABASE_URL": by_way_of_pooler}
    return settings


def run(
    *arguments: str, directory: Path, answers: str | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in a directory of its own because of `.env` and `.data`; `answers` is typed in."""
    # Migrations want a connection of their own.
    settings = settings if "migrate" in arguments else through_pooler(settings)
    return subprocess.run(  # noqa: S603 - the command is ours
        [*PROGRAM, *arguments],
        cwd=directory,
        env=environment(**settings),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
        input=answers,
    )


@dataclass
class Server:
    """`serve` in a process group of its own, as a terminal would run it. What it writes is in a file."""

    process: subprocess.Popen[bytes]
    output: Path
    key: str = ADMIN_KEY
    address: str = ""

    @property
    def said(self) -> str:
        """All that it wrote so far."""
        return self.output.read_text(encoding="utf-8")

    def line(self, label: str) -> str:
        """What it announced under a label; empty while it has not."""
        found = re.search(rf"^{label}: +(\S+)$", self.said, re.MULTILINE)
        return found[1] if found else ""

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.address}{path}", timeout=PATIENCE)

    def post(self, document: str, variables: dict[str, Any] | None = None, *, key: str | None = None) -> httpx.Response:
        return httpx.post(
            f"{self.address}/graphql",
            json={"query": document, "variables": variables or {}},
            headers={"Authorization": f"Bearer {key or self.key}"},
            timeout=PATIENCE,
        )

    def execute(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        body = self.post(document, variables).json()
        assert "errors" not in body, body
        return body["data"]

    def interrupt(self) -> None:
        """Press Ctrl-C: a terminal sends the signal to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def exit_code(self) -> int:
        """Wait for the end."""
        return self.process.wait(timeout=PATIENCE)


@contextmanager
def starting(directory: Path, *arguments: str, **settings: str) -> Iterator[Server]:
    """Start `serve` on a free port without waiting for it; on exit nothing of it is left."""
    output = directory / f"output-{time.monotonic_ns()}"
    with (
        output.open("wb") as file,
        subprocess.Popen(  # noqa: S603 - the command is ours
            [*PROGRAM, "serve", "--port", "0", *arguments],
            cwd=directory,
            env=environment(**through_pooler(settings)),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield Server(process, output)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def serving(directory: Path, *arguments: str, **settings: str) -> Iterator[Server]:
    """Run `serve` until the block ends, ready for requests."""
    with starting(directory, *arguments, **settings) as server:

        def announced() -> bool:
            assert server.process.poll() is None, f"It ended instead of serving:\n{server.said}"
            return "Ctrl-C stops it." in server.said

        wait_for(announced, "the server's announcement")
        server.address = server.line("GraphiQL and API").removesuffix("/graphql")
        server.key = server.line("Admin key") or ADMIN_KEY
        # The socket listens already, so this waits for the application.
        server.get("/livez").raise_for_status()
        yield server


def postgres_on(data: Path) -> list[psutil.Process]:
    """The PostgreSQL processes that work on a data directory: it is the current directory of each."""
    found = []
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error):
            if process.info["name"] == "postgres" and process.cwd() == str(data):
                found.append(process)
    return found


async def fetch(address: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    """Ask the database itself."""
    connection = await asyncpg.connect(address)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(query, *arguments)
        return rows
    finally:
        await connection.close()
