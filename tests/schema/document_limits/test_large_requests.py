"""Requests of large operations wait for their turns, by either executor, and the database is kept at work."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TYPE_CHECKING

import asyncpg
import pytest

from db.engine import SERVING_LIMITS
from schema.documents.large_operations import TOGETHER_MAXIMUM, LargeOperations
from tests.api.held_work import OURS, WAITING
from tests.api.processes import wait_for
from tests.running_api import running_api
from tests.schema.world import populate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = """{ teams(first: 100) { nodes {
  id displayName
  sessions(first: 8) { nodes { id sessionId platform userId createdAt lastActivityAt } }
  apiKeys(first: 2) { nodes { id name createdAt } }
} } }"""
SMALL = "{ viewer { name } }"
FITTING = 2
"""How many of that page are carried out together."""

ALL = 6


@pytest.fixture(scope="module")
def filled_database(module_database: str) -> str:
    populate(module_database, teams=8, sessions=1, messages=1)
    return module_database


class Noted(LargeOperations):
    """Has noted how many turns it was asked for."""

    asked = 0

    def turn(self, cost: int) -> AbstractAsyncContextManager[None]:
        self.asked += 1
        return super().turn(cost)


@contextmanager
def locked(database: str) -> Iterator[Callable[[], int]]:
    """Keep everybody from the teams; gives what counts the statements of the server that wait for them."""
    with asyncio.Runner() as runner:
        holder, observer = runner.run(asyncpg.connect(database)), runner.run(asyncpg.connect(database))
        try:
            runner.run(holder.execute("BEGIN; LOCK TABLE teams IN ACCESS EXCLUSIVE MODE"))
            yield lambda: int(runner.run(observer.fetchval(f"SELECT count(*) {OURS} AND {WAITING}")))
        finally:
            runner.run(holder.close())
            runner.run(observer.close())


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer than statements otherwise wait for a lock."""
    monkeypatch.setattr("graphql_api.app.SERVING_LIMITS", {**SERVING_LIMITS, "lock_timeout": "60s"})


@pytest.mark.parametrize("executor", ["compiled", "library"])
def test_requests_wait_for_their_turns(filled_database: str, executor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only those that have one ask the database, and a small request goes by."""
    operations = Noted(clock=lambda: 0.0)
    monkeypatch.setattr("schema.build.LargeOperations", lambda: operations)
    with running_api(filled_database, graphql_executor=executor) as api, ThreadPoolExecutor(ALL) as threads:
        cost = api.post(PAGE).json()["extensions"]["cost"]["requested"]
        assert TOGETHER_MAXIMUM // (FITTING + 1) < cost <= TOGETHER_MAXIMUM // FITTING
        operations.asked = 0
        with locked(filled_database) as statements_waiting:
            answers = [threads.submit(api.execute, PAGE) for _ in range(ALL)]
            wait_for(lambda: operations.asked == ALL, "all to want a turn")
            wait_for(lambda: statements_waiting() == FITTING, "those with turns to ask the database")
            assert api.execute(SMALL)["viewer"]["name"] == "tester"
            assert statements_waiting() == FITTING, "only they do"
        assert [len(answer.result()["teams"]["nodes"]) for answer in answers] == [8] * ALL


@pytest.mark.parametrize("executor", ["compiled", "library"])
def test_a_slow_database_keeps_nobody_waiting_for_a_turn(filled_database: str, executor: str) -> None:
    """A process that waits for the database has it work for as many as there are connections."""
    with (
        running_api(filled_database, graphql_executor=executor, database_pool_size=ALL) as api,
        ThreadPoolExecutor(ALL) as threads,
    ):
        with locked(filled_database) as statements_waiting:
            answers = [threads.submit(api.execute, PAGE) for _ in range(ALL)]
            wait_for(lambda: statements_waiting() == ALL, "all to be at the database")
        assert [len(answer.result()["teams"]["nodes"]) for answer in answers] == [8] * ALL
