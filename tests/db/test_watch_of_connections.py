"""A connection that leads nowhere while the database answers is told from one whose statement takes its time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest
from sqlalchemy import text

from db.connection import ask
from db.database import Database
from db.engine import create_engine, database_url
from db.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Mapping

    from db.connection import Connection


AT_WORK = "at work"


class Stuck:
    """A connection of whose process is told, at one question after the other, since when it listens; then no more."""

    def __init__(self, *since: Hashable, process: int = 7) -> None:
        self._since = iter(since)
        self._over = asyncio.Event()
        self.process = process
        self.is_ended = False
        self.ended_processes: list[int] = []

    def is_quiet(self) -> bool:
        return True

    def terminate(self) -> None:
        self.is_ended = True
        self._over.set()

    async def answer(
        self, processes: Collection[int], give_up: Callable[[Mapping[int, Hashable]], Collection[int]]
    ) -> None:
        try:
            since = next(self._since)
        except StopIteration:
            self._over.set()
            return
        self.ended_processes += give_up({} if since == AT_WORK else dict.fromkeys(processes, since))

    async def watched(self) -> None:
        """Wait for it until it is ended or nothing more is told."""
        watch = Watch(self.answer)
        async with asyncio.timeout(10):
            with watch.over_work() as work:
                work.uses(cast("Connection", self))
                await self._over.wait()
        await watch.close()


@pytest.mark.usefixtures("_hurried")
@pytest.mark.parametrize("since", ["noon", None], ids=["listens", "is gone"])
async def test_a_connection_that_leads_nowhere_is_ended_with_its_process(since: Hashable) -> None:
    stuck = Stuck(AT_WORK, since, since)
    await stuck.watched()
    assert (stuck.is_ended, stuck.ended_processes) == (True, [7])


@pytest.mark.usefixtures("_hurried")
@pytest.mark.parametrize("other", ["a second past noon", AT_WORK, None])
async def test_a_connection_that_is_heard_between_two_questions_is_let_be(other: Hashable) -> None:
    """It was seen between two statements, or before the first had arrived."""
    stuck = Stuck("noon", other, "noon", other)
    await stuck.watched()
    assert (stuck.is_ended, stuck.ended_processes) == (False, [])


@pytest.mark.usefixtures("_hurried")
async def test_a_connection_by_way_of_a_pooler_is_not_looked_at() -> None:
    """The pooler gives it a number of its own, which may be that of another."""
    stuck = Stuck("noon", "noon", "noon", process=0)
    await stuck.watched()
    assert (stuck.is_ended, stuck.ended_processes) == (False, [])


async def test_an_answer_that_this_side_has_not_read_yet_is_not_lost(
    migrated_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL has done its part, and listens; the process may be too busy with other answers to get to this one."""
    monkeypatch.setattr("db.watch._SECONDS_UNTIL_DOUBT", 0.05)
    questions = 0

    async def counted(*about: Any) -> None:
        nonlocal questions
        await ask(*about)
        questions += 1
        if questions == 4:
            transport.resume_reading()

    monkeypatch.setattr("db.database.ask", counted)
    database = Database(create_engine(database_url(migrated_database)))
    async with database.read() as connection:
        driver = cast("Any", await connection.get_raw_connection()).driver_connection
        transport = driver._transport  # noqa: SLF001 - there is no public way
        transport.pause_reading()
        assert await connection.scalar(text("SELECT 7")) == 7
    assert questions >= 4
    await database.close()
