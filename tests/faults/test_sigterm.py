"""The end of the process: readiness goes first, what is running finishes, and nobody can hold the rest up."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from typing import TYPE_CHECKING

import asyncpg
import httpx
import psutil
import pytest

from tests.api.processes import ADMIN_KEY, PATIENCE, fetch, serving, wait_for
from tests.faults.requests import CREATE, TEAMS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from tests.api.processes import Server
    from tests.faults.proxy import Proxy

WITHIN = 10.0
RENAME = 'mutation { updateTeam(input: {id: "VGVhbTox", dailyQuota: 7}) { __typename } }'
WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def settings(address: str) -> dict[str, str]:
    return {"DATABASE_URL": address, "SUPER_ADMIN_API_KEYS": f"ops:{ADMIN_KEY}", "LOG_FORMAT": "json"}


def assert_ends(server: Server) -> None:
    """After a signal that was sent just now."""
    began = time.monotonic()
    assert server.exit_code() == 0
    assert time.monotonic() - began < WITHIN


def connection(server: Server) -> socket.socket:
    host, _, port = server.address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def readiness(server: Server) -> tuple[int, str]:
    response = server.get("/readyz")
    return response.status_code, response.json().get("server", "")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_readiness_goes_first(tmp_path: Path, migrated_database: str, workers: str) -> None:
    """While a load balancer takes notice, whoever still comes is served."""
    with serving(
        tmp_path, "--workers", workers, **settings(migrated_database) | {"SHUTDOWN_DELAY_SECONDS": "3"}
    ) as server:
        wait_for(lambda: readiness(server)[0] == 200, "readiness")
        server.process.terminate()
        wait_for(lambda: readiness(server) == (503, "shutting down"), "readiness to go")
        assert server.execute(TEAMS) == {"teams": {"totalCount": 0, "nodes": []}}
        assert server.exit_code() == 0
        with pytest.raises(httpx.ConnectError):
            server.get("/livez")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_second_signal_does_not_wait(tmp_path: Path, migrated_database: str, workers: str) -> None:
    delayed = settings(migrated_database) | {"SHUTDOWN_DELAY_SECONDS": "60"}
    with serving(tmp_path, "--workers", workers, **delayed) as server:
        server.process.terminate()
        wait_for(lambda: readiness(server)[0] == 503, "readiness to go")
        server.process.terminate()
        assert_ends(server)


@asynccontextmanager
async def held_up(server: Server, address: str) -> AsyncIterator[Future[httpx.Response]]:
    """Have a change wait for a row until the block ends, and give the answer that it will get."""
    server.execute(CREATE, {"name": "held"})
    holder = await asyncpg.connect(address)
    try:
        with ThreadPoolExecutor(1) as threads:
            async with holder.transaction():
                await holder.execute("SELECT 1 FROM teams FOR UPDATE")
                running = threads.submit(server.post, RENAME)
                while not await fetch(address, WAITING):
                    pass
                yield running
    finally:
        await holder.close()


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_what_is_running_finishes(tmp_path: Path, migrated_database: str, workers: str) -> None:
    with serving(tmp_path, "--workers", workers, **settings(migrated_database)) as server:
        async with held_up(server, migrated_database) as running:
            server.process.terminate()
            wait_for(lambda: refuses(server), "the server to take no connections")
        assert running.result().json()["data"] == {"updateTeam": {"__typename": "UpdateTeamSuccess"}}
        assert_ends(server)


def refuses(server: Server) -> bool:
    try:
        connection(server).close()
    except ConnectionRefusedError:
        return True
    return False


@contextmanager
def clients_of_all_kinds(server: Server) -> Iterator[None]:
    """Idle, half-way through a request's head, half-way through its body, and not reading what it is answered."""
    body = json.dumps({"query": "{ __schema { types { name description fields { name description } } } }"})
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ADMIN_KEY}\r\nContent-Type: application/json\r\n"
    )
    whole = f"{head}Content-Length: {len(body)}\r\n\r\n{body}"
    idle, in_head, in_body, deaf = sockets = [connection(server) for _ in range(4)]
    idle.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    assert idle.recv(65536).startswith(b"HTTP/1.1 200")
    in_head.sendall(head.encode())
    in_body.sendall(f"{head}Content-Length: 1000\r\n\r\n{{".encode())
    deaf.setblocking(False)  # noqa: FBT003 - the socket's signature
    with suppress(BlockingIOError):
        for _ in range(500):
            deaf.send(whole.encode())
    try:
        yield
    finally:
        for client in sockets:
            client.close()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_client_holds_the_end_up(tmp_path: Path, migrated_database: str, workers: str) -> None:
    with serving(tmp_path, "--workers", workers, **settings(migrated_database)) as server, clients_of_all_kinds(server):
        server.process.terminate()
        assert_ends(server)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_frozen_database_does_not_hold_the_end_up(tmp_path: Path, proxy: Proxy, workers: str) -> None:
    # As long as it is by default, which is part of the ten seconds.
    by_default = settings(proxy.address) | {"SHUTDOWN_DELAY_SECONDS": "1"}
    with serving(tmp_path, "--workers", workers, **by_default) as server, ThreadPoolExecutor(20) as threads:
        assert {answer.status_code for answer in threads.map(server.post, [TEAMS] * 30)} == {200}
        proxy.freeze()
        answers = [threads.submit(server.post, TEAMS) for _ in range(10)]
        server.process.terminate()
        assert_ends(server)
        for answer in answers:
            with suppress(httpx.TransportError):
                assert answer.result().status_code == 503


async def test_a_statement_that_does_not_end_is_ended(tmp_path: Path, migrated_database: str) -> None:
    """Somebody holds the row for longer than the process may take."""
    with serving(tmp_path, **settings(migrated_database)) as server, closing(connection(server)):
        async with held_up(server, migrated_database) as running:
            server.process.terminate()
            assert_ends(server)
        with suppress(httpx.TransportError):
            assert running.result().status_code >= 500


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_second_ctrl_c_waits_for_nothing(tmp_path: Path, migrated_database: str, workers: str) -> None:
    """What is running is given up, also where the signal is sent to the first process alone."""
    with serving(tmp_path, "--workers", workers, **settings(migrated_database)) as server:
        async with held_up(server, migrated_database) as running:
            server.process.send_signal(signal.SIGINT)
            wait_for(lambda: refuses(server), "the server to take no connections")
            server.process.send_signal(signal.SIGINT)
            began = time.monotonic()
            assert server.exit_code() == 0
            # It waits for three seconds for what somebody holds.
            assert time.monotonic() - began < 2
        assert "Traceback" not in server.said, "it was asked to, and nothing failed"
        with suppress(httpx.TransportError):
            assert running.result().status_code >= 500


def test_no_worker_outlives_a_supervisor_that_was_killed(tmp_path: Path, migrated_database: str) -> None:
    """It would hold the port, and nobody would end it."""
    with serving(tmp_path, "--workers", "2", **settings(migrated_database)) as server:
        supervisor = psutil.Process(server.process.pid)
        workers = supervisor.children(recursive=True)
        assert len(workers) >= 2
        os.kill(server.process.pid, signal.SIGKILL)
        gone, alive = psutil.wait_procs(workers, timeout=WITHIN)
        assert (len(gone), alive) == (len(workers), [])
