"""While as many requests are worked on as may be, and that is hard work, the process goes on saying that it lives."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx

from tests.api.processes import ADMIN_KEY, PATIENCE, serving
from tests.api.raw_http import post, wire

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.processes import Server

AT_ONCE = 64
CALLERS = AT_ONCE + 4
ENOUGH = 10
"""How often it has to be told that the process lives while no request more is taken."""

WITHIN = 2.0
"""Seconds in which each of these answers comes. On two busy cores the slowest of a hundred took 0.7."""

CREATE = """mutation ($name: String!) {
  createTeam(input: {displayName: $name, platformName: $name}) { __typename }
}"""
HEAVY = """{ teams(first: 100) { totalCount nodes {
  displayName overrides { rateLimit } apiKeys(first: 2) { nodes { name } }
  effectiveConfig { model availableModels rateLimit maxHistory commands resolution { setting source } }
} } }"""


def test_a_process_that_works_as_hard_as_it_may_says_that_it_lives(tmp_path: Path, migrated_database: str) -> None:
    """An orchestrator that hears nothing ends the process, and with it all that it works on."""
    with serving(
        tmp_path,
        DATABASE_URL=migrated_database,
        SUPER_ADMIN_API_KEYS=f"ops:{ADMIN_KEY}",
        HTTP_MAXIMUM_REQUESTS=str(AT_ONCE),
    ) as server:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda number: server.execute(CREATE, {"name": f"team {number}"}), range(100)))
        heavy, is_over = Counter[int](), threading.Event()
        with ThreadPoolExecutor(1) as threads:
            working = threads.submit(asyncio.run, keep_working(server, heavy, is_over))
            try:
                seconds = seconds_of_signs_of_life(server)
            finally:
                is_over.set()
            working.result()
    assert max(seconds) < WITHIN
    assert heavy[200], "otherwise nothing was worked on"


async def keep_working(server: Server, heavy: Counter[int], until: threading.Event) -> None:
    """Ask for everything there is, over more connections than requests are worked on."""
    request = post(json.dumps({"query": HEAVY}).encode(), key=ADMIN_KEY)

    async def ask_again_and_again() -> None:
        async with wire(server.address) as connection:
            while not until.is_set():
                await connection.send(request)
                heavy[(await connection.answer()).status] += 1

    await asyncio.gather(*(ask_again_and_again() for _ in range(CALLERS)))


def seconds_of_signs_of_life(server: Server) -> list[float]:
    """Ask whether it lives until that was answered often enough between two requests that were too many."""
    seconds: list[float] = []
    deadline = time.monotonic() + PATIENCE
    with httpx.Client(base_url=server.address, timeout=PATIENCE) as client:
        was_full, while_full = False, 0
        while while_full < ENOUGH:
            assert time.monotonic() < deadline, f"full too rarely: {while_full} of {len(seconds)}, {max(seconds)}"
            began = time.monotonic()
            live = client.get("/livez")
            seconds.append(time.monotonic() - began)
            assert live.status_code == 200
            is_full = is_refused(client, server.key)
            while_full += was_full and is_full
            was_full = is_full
    return seconds


def is_refused(client: httpx.Client, key: str) -> bool:
    """Tell whether as many requests are worked on as may be."""
    response = client.post(
        "/graphql", json={"query": "{ viewer { name } }"}, headers={"Authorization": f"Bearer {key}"}
    )
    return response.status_code == 503 and response.json()["errors"][0]["extensions"]["code"] == "OVERLOADED"
