"""The servers that are compared: each a process of its own, pinned to one core, over the same database."""

from __future__ import annotations

import http.client
import importlib.util
import os
import socket
import subprocess  # nosec B404
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.side_by_side import postgraphile
from benchmarks.side_by_side.operations import GRAPHQL, HANDWRITTEN, POSTGRAPHILE
from benchmarks.side_by_side.requests import ADMINISTRATOR, KEY, Request, headers
from graphql_api.settings import SettingsWithDefaults

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.side_by_side.operations import Operation
    from benchmarks.side_by_side.requests import Requests

ROOT: Final = Path(__file__).parents[2]
SECONDS_TO_START: Final = 60
SECONDS_TO_ANSWER: Final = 30
_OK: Final = 200

HAND: Final = "hand-written"
COMPILED: Final = "compiled"
STOCK: Final = "stock"
ARIADNE: Final = "Ariadne"
GRAPHILE: Final = "PostGraphile"
SERVERS: Final = (HAND, COMPILED, STOCK, ARIADNE, GRAPHILE)


class NotThere(Exception):
    """A server cannot be compared here; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    name: str
    port: int
    process: int

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def requests(self, operation: Operation) -> Requests:
        """Give an operation in the words of this server."""
        return operation.requests[{HAND: HANDWRITTEN, GRAPHILE: POSTGRAPHILE}.get(self.name, GRAPHQL)]

    def ask(self, request: Request) -> tuple[int, bytes]:
        """Send a request, and give the status and the body of the answer.

        Raises:
            OSError: nobody listens, or the connection breaks.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS_TO_ANSWER)
        try:
            connection.request(request.method, request.path, request.body.encode() or None, headers())
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def running(name: str, database: str, log: Path, cores: Sequence[int]) -> Iterator[Server]:
    """Run a server on some cores until the end of the block; what it says goes to `log`.

    Raises:
        NotThere: it cannot be installed, or does not start.
    """
    port = _free_port()
    with log.open("wb") as said:
        process = subprocess.Popen(  # noqa: S603 - the commands are ours  # nosec B603
            _command(name, port),
            cwd=ROOT,
            env=_environment(name, database),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            # Before it begins, so that every thread of it stays there.
            preexec_fn=partial(os.sched_setaffinity, 0, cores) if cores else None,  # noqa: PLW1509 - there are no threads
        )
    try:
        server = Server(name, port, process.pid)
        _wait_for(server, process, log)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _command(name: str, port: int) -> list[str]:
    match name:
        case "hand-written":
            return [sys.executable, "-m", "benchmarks.side_by_side.handwritten", str(port)]
        case "Ariadne":
            if importlib.util.find_spec("ariadne") is None:
                raise NotThere("Ariadne is not installed; `make bench` installs requirements-bench.lock")
            return [sys.executable, "-m", "benchmarks.side_by_side.ariadne_server", str(port)]
        case "PostGraphile":
            try:
                return postgraphile.command(port)
            except postgraphile.NotInstalled as reason:
                raise NotThere(str(reason)) from None
        case _:
            return [sys.executable, "-m", "graphql_api", "serve", "--port", str(port)]


def _environment(name: str, database: str) -> dict[str, str]:
    settings = {field.upper() for field in SettingsWithDefaults.model_fields}
    # What a developer has set for the program changes nothing here.
    kept = {variable: value for variable, value in os.environ.items() if variable not in settings}
    return {
        **kept,
        "DATABASE_URL": database,
        "BENCHMARK_KEY": KEY,
        "SUPER_ADMIN_API_KEYS": f"{ADMINISTRATOR}:{KEY}",
        "SHUTDOWN_DELAY_SECONDS": "0",
        "GRAPHQL_EXECUTOR": "library" if name == STOCK else "compiled",
        "NODE_ENV": "production",
        "TZ": "UTC",
    }


def _wait_for(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    request = (
        Request("GET", "/team?platformName=nobody")
        if server.name == HAND
        else Request("POST", "/graphql", '{"query": "{ __typename }"}')
    )
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        try:
            status, body = server.ask(request)
        except OSError:
            time.sleep(0.05)
            continue
        if status == _OK:
            return
        raise NotThere(f"{server.name} answers {status}: {body[:500].decode(errors='replace')}")
    said = log.read_text(encoding="utf-8", errors="replace").strip()
    raise NotThere(f"{server.name} does not start: {said[-1000:]}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
