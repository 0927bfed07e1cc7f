"""Telling those who wait for a database that it has stopped answering."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Self

from db.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
    from types import TracebackType

    from db.connection import Connection

    Ask = Callable[[Collection[int], Callable[[Mapping[int, Hashable]], Collection[int]]], Awaitable[None]]

_SECONDS_UNTIL_DOUBT = 1.0
_TURNS_TO_ANSWER = 8
_SECONDS_OF_A_TURN = 0.25
_SECONDS_BETWEEN_QUESTIONS = 0.25


class Watch:
    """Tells a database that is silent from a statement that takes its time.

    A frozen server, or a network that swallows everything, refuses nothing: whoever waits for it cannot know. So once
    some work has waited for a second, the database is asked something small over a connection of its own, again and
    again while the work goes on. If it does not answer that within two seconds, all work fails, and new work at once,
    until it answers again.

    One connection may lead nowhere while the others work. So the database is asked as well about its processes that
    serve the work: one that listened for something to do at two questions, a second apart, and had nothing in between,
    will hear nothing more. Its connection is ended, and the work that waits for it fails, to be done again on another.

    All work shares one timer of the loop: most of it ends long before that rings, and a timer for each would cost more
    than everything else here.
    """

    def __init__(self, ask: Ask) -> None:
        """`ask` returns when the database has answered, with whatever, and raises where it has not.

        It gets the numbers of processes, and a function that wants to know which of them listen, and since when, and
        gives those that are to be ended.
        """
        self._ask = ask
        # In the order of their beginnings.
        self._works: dict[Work, None] = {}
        self._silent = False
        # Work whose process listened at the last question, and since when.
        self._unheard: dict[tuple[Work, Connection], Hashable] = {}
        # Waits until there is reason for doubt, or asks.
        self._looking: asyncio.TimerHandle | asyncio.Task[None] | None = None

    def over_work(self) -> Work:
        """Give the context manager that keeps watch over some work with the database."""
        return Work(self)

    def add(self, work: Work) -> None:
        """Keep watch over work that begins now.

        Raises:
            DatabaseUnavailable: the database is silent.
        """
        if self._silent:
            raise _silence()
        self._works[work] = None
        if self._looking is None:
            self._look()

    def remove(self, work: Work) -> None:
        """Keep watch over it no longer."""
        self._works.pop(work, None)

    async def close(self) -> None:
        """Stop asking."""
        if self._looking is not None:
            self._looking.cancel()
        if isinstance(self._looking, asyncio.Task):
            await asyncio.wait({self._looking})

    def _look(self) -> None:
        loop, doubt = asyncio.get_running_loop(), self._doubt()
        if doubt <= loop.time():
            self._looking = loop.create_task(self._keep_asking())
        else:
            self._looking = loop.call_at(doubt, self._look) if self._works else None

    def _doubt(self) -> float:
        """Tell when the first of all work will have waited for too long."""
        return next((work.began + _SECONDS_UNTIL_DOUBT for work in self._works), math.inf)

    async def _keep_asking(self) -> None:
        while self._silent or self._doubt() <= asyncio.get_running_loop().time():
            self._silent = not await self._answers()
            if self._silent:
                self._give_up()
            await asyncio.sleep(_SECONDS_BETWEEN_QUESTIONS if self._silent else _SECONDS_UNTIL_DOUBT)
        self._look()

    def _give_up(self) -> None:
        for work in self._works:
            work.give_up()
        self._works.clear()

    def _end_unheard(self, listening: Mapping[int, Hashable]) -> list[int]:
        """End the connections that lead nowhere, and give the processes that served them."""
        # Seen once, a process may be between two statements, or the first is on its way.
        before = self._unheard
        self._unheard = {
            (work, connection): listening[process]
            for work in self._works
            if (connection := work.connection) is not None
            and (process := connection.process) in listening
            and connection.is_quiet()
        }
        lost = [connection for (_, connection), _ in before.items() & self._unheard.items()]
        for connection in lost:
            connection.terminate()
        return [connection.process for connection in lost]

    async def _answers(self) -> bool:
        question = asyncio.create_task(self._is_answered())
        try:
            # In short turns: a process that was itself too busy to listen must not take that for silence.
            for _ in range(_TURNS_TO_ANSWER):
                await asyncio.wait({question}, timeout=_SECONDS_OF_A_TURN)
                if question.done():
                    return question.result()
        finally:
            question.cancel()
        return False

    async def _is_answered(self) -> bool:
        try:
            connections = (work.connection for work in self._works)
            processes = [connection.process for connection in connections if connection and connection.process]
            await self._ask(processes, self._end_unheard)
        except Exception:  # noqa: BLE001 - what the driver makes of half an answer has no bounds
            return False
        return True


class Work:
    """Work with the database, as a context manager; to give it up cancels the task inside.

    It `began` by the clock of the event loop. What this costs, every read pays.
    """

    __slots__ = ("_before", "_is_given_up", "_task", "_watch", "began", "connection")

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._is_given_up = False
        self.connection: Connection | None = None

    def __enter__(self) -> Self:
        """Begin.

        Raises:
            DatabaseUnavailable: the database is silent.
        """
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("only the work of a task can be given up")
        self._task = task
        self._before = task.cancelling()
        self.began = loop.time()
        self._watch.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End.

        Raises:
            DatabaseUnavailable: it was given up, and nobody else cancelled the task.
        """
        self._watch.remove(self)
        if self._is_given_up and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise _silence() from error

    def uses(self, connection: Connection) -> None:
        """Say on which connection it waits from now on, and for nothing else until its end.

        If that leads nowhere it is ended, which the driver tells whoever waits for it.
        """
        self.connection = connection

    def give_up(self) -> None:
        """Stop waiting. Not for its own task to call: that would end whatever it does next."""
        self._is_given_up = True
        self._task.cancel()


def _silence() -> DatabaseUnavailable:
    return DatabaseUnavailable("The database does not answer.")
