"""Whether the memory of a server under load comes to a steady state: what its processes hold, minute by minute.

The server is the program as it is started by everybody, with a private PostgreSQL. Its callers send what keeps asking
for memory: documents that never came before, changes, long pages, mistakes, wrong keys, and connections that end.
"""

from __future__ import annotations

import http.client
import itertools
import os
import re
import statistics
import subprocess  # nosec B404
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import orjson
import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLERS: Final = 8
REQUESTS_OF_A_CONNECTION: Final = 200
MEGABYTE: Final = 1_000_000
KEY: Final = "benchmark-admin-key"
_STARTING_SECONDS: Final = 120

NAME: Final = "mutation($n: String!) { createTeam(input: {displayName: $n, platformName: $n}) { __typename } }"
OVERRIDE: Final = """
    mutation($id: ID!, $limit: Int!) { updateTeamOverrides(input: {id: $id, overrides: {rateLimit: $limit}}) {
        __typename } }
"""
LIST: Final = """
    { teams(first: 100) { nodes { id displayName platformName effectiveConfig { model availableModels rateLimit
        resolution { setting source } } apiKeys(first: 2) { nodes { id } } } } }
"""
OPEN: Final = """
    mutation($user: String!) { openSession(input: {platform: "telegram", userId: $user}) { __typename } }
"""


@dataclass
class Load:
    """How many requests were answered by each status, until it is over."""

    port: int
    is_over: threading.Event
    answered: int = 0

    def call(self, caller: int) -> None:
        """Send requests until it is over, on connections that are left after a while."""
        numbers = itertools.count(caller, CALLERS)
        while not self.is_over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            for number in itertools.islice(numbers, REQUESTS_OF_A_CONNECTION):
                if self.is_over.is_set():
                    break
                self._send(connection, number)
            connection.close()

    def _send(self, connection: http.client.HTTPConnection, number: int) -> None:
        body, key = request(number)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        connection.request("POST", "/graphql", body, headers)
        response = connection.getresponse()
        response.read()
        self.answered += 1


def request(number: int) -> tuple[bytes, str]:
    """Give the body of a request, another one for each number, and its key."""
    match number % 10:
        case 0:
            body: dict[str, object] = {"query": NAME, "variables": {"n": f"team {number}"}}
        case 1:
            body = {"query": OVERRIDE, "variables": {"id": "VGVhbTox", "limit": 1 + number % 1000}}
        case 2:
            body = {"query": LIST}
        case 3:
            body = {"query": f"{{ new{number}: viewer {{ kind }} }}"}
        case 4:
            body = {"query": f"{{ viewer {{ unknown{number} }} }}"}
        case 5:
            body = {"query": OPEN, "variables": {"user": f"user {number}"}}
        case 6:
            return orjson.dumps({"query": "{ viewer { kind } }"}), f"wrong key {number}"
        case _:
            body = {"query": f'{{ platformConfig(platform: "team {number % 997}") {{ config {{ model }} }} }}'}
    return orjson.dumps(body), KEY


@contextmanager
def server(workers: int) -> Iterator[tuple[int, list[psutil.Process]]]:
    """Start the program, and give its port and the processes that serve.

    Raises:
        RuntimeError: it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="pc-", ignore_cleanup_errors=True) as directory:
        said = Path(directory) / "said"
        root = Path(__file__).parents[1]
        with (
            said.open("wb") as output,
            subprocess.Popen(  # noqa: S603 - the command is ours  # nosec B603
                [sys.executable, "-m", "graphql_api", "serve", "--port", "0", "--workers", str(workers)],
                cwd=directory,
                env={**os.environ, "PYTHONPATH": str(root), "SUPER_ADMIN_API_KEYS": KEY, "LOG_LEVEL": "ERROR"},
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            try:
                port = _announced(said, process)
                yield port, [psutil.Process(process.pid), *_workers(process, workers if workers > 1 else 0)]
            finally:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=30)


def _announced(said: Path, process: subprocess.Popen[bytes]) -> int:
    until = time.monotonic() + _STARTING_SECONDS
    while time.monotonic() < until and process.poll() is None:
        text = said.read_text(encoding="utf-8")
        found = re.search(r"http://127\.0\.0\.1:(\d+)/graphql", text)
        if found and "Ctrl-C stops it." in text:
            return int(found[1])
        time.sleep(0.1)
    raise RuntimeError(f"The server does not start:\n{said.read_text(encoding='utf-8')}")


def _workers(process: subprocess.Popen[bytes], number: int) -> list[psutil.Process]:
    """Wait for the workers, which are started after all is announced."""
    until = time.monotonic() + _STARTING_SECONDS
    while time.monotonic() < until:
        children = psutil.Process(process.pid).children()
        found = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        if len(found) == number:
            return found
        time.sleep(0.1)
    raise RuntimeError(f"There are {len(found)} workers and not {number}.")


@click.command()
@click.option("--minutes", type=click.FloatRange(0, min_open=True), default=10, show_default=True)
@click.option("--requests", type=click.IntRange(1), default=100_000, show_default=True, help="At least so many.")
@click.option("--workers", type=click.IntRange(1, 8), default=1, show_default=True)
@click.option("--samples", type=click.IntRange(4), default=20, show_default=True, help="Taken over the time.")
def main(minutes: float, requests: int, workers: int, samples: int) -> None:
    """Put a server under load, and print what its processes hold."""
    with server(workers) as (port, processes):
        load = Load(port, threading.Event())
        callers = [threading.Thread(target=load.call, args=(number,)) for number in range(CALLERS)]
        for caller in callers:
            caller.start()
        try:
            held = watch(load, processes, minutes * 60, requests, samples)
        finally:
            load.is_over.set()
            for caller in callers:
                caller.join()
    for number, of_process in enumerate(zip(*held, strict=True)):
        half = len(of_process) // 2
        earlier, later = (
            statistics.median(of_process[half // 2 : half]),
            statistics.median(of_process[half + half // 2 :]),
        )
        click.echo(
            f"Process {number}: {earlier:.1f} MB in the second quarter of the time, {later:.1f} MB in the last, "
            f"{100 * (later / earlier - 1):+.1f} %"
        )


def watch(
    load: Load, processes: list[psutil.Process], seconds: float, requests: int, samples: int
) -> list[tuple[float, ...]]:
    """Print what the processes hold from time to time, and give it: megabytes of each that are its own."""
    held: list[tuple[float, ...]] = []
    began = time.monotonic()
    while len(held) < samples or load.answered < requests:
        time.sleep(seconds / samples)
        megabytes = tuple(process.memory_full_info().uss / MEGABYTE for process in processes)
        held.append(megabytes)
        shown = ", ".join(f"{each:.1f}" for each in megabytes)
        click.echo(f"{time.monotonic() - began:6.0f} s {load.answered:9,} requests: {shown} MB")
    return held


if __name__ == "__main__":
    main()
