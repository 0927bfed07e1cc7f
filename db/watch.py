"""Telling those who wait for a database that it has stopped answering."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from db.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

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
    """

    def __init__(self, ask: Callable[[], Awaitable[None]]) -> None:
        """`ask` returns when the database has answered, with whatever, and raises where it has not."""
        self._ask = ask
        self._waiting: set[asyncio.Timeout] = set()
        self._doubtful: set[asyncio.Timeout] = set()
        self._silent = False
        self._asking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def over_work(self) -> AsyncIterator[None]:
        """Keep watch over work with the database.

        Raises:
            DatabaseUnavailable: the database is silent.
        """
        if self._silent:
            raise _silence()
        try:
            async with asyncio.timeout(None) as limit:
                doubt = asyncio.get_running_loop().call_later(_SECONDS_UNTIL_DOUBT, self._doubt, limit)
                self._waiting.add(limit)
                try:
                    yield
                finally:
                    doubt.cancel()
                    self._waiting.discard(limit)
                    self._doubtful.discard(limit)
        except TimeoutError as error:
            if limit.expired():
                raise _silence() from error
            raise

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})

    def _doubt(self, limit: asyncio.Timeout) -> None:
        self._doubtful.add(limit)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._keep_asking())

    async def _keep_asking(self) -> None:
        while self._doubtful or self._silent:
            self._silent = not await self._answers()
            if self._silent:
                self._give_up()
            await asyncio.sleep(_SECONDS_BETWEEN_QUESTIONS if self._silent else _SECONDS_UNTIL_DOUBT)

    def _give_up(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._waiting:
            self._waiting.pop().reschedule(now)
        self._doubtful.clear()

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
            await self._ask()
        except Exception:  # noqa: BLE001 - what the driver makes of half an answer has no bounds
            return False
        return True


def _silence() -> DatabaseUnavailable:
    return DatabaseUnavailable("The database does not answer.")
