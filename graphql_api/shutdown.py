"""The end of a process: readiness goes first, then no connections are taken, then what is running finishes."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = structlog.stdlib.get_logger(__name__)

SECONDS_TO_FINISH = 6
"""How long requests that are running may go on, once no more connections are taken."""

SECONDS_TO_CLOSE = 1
"""How long the application may take to close what it holds, after that."""

SECONDS_UNTIL_THE_END = 8
"""When the process ends whatever is in the way, counted like the above."""

CUT_SHORT = 4
"""The exit code of a process that something was in the way of."""


class Shutdown:
    """Knows whether the process is about to end, for /readyz to tell."""

    def __init__(self, delay: float) -> None:
        """`delay` is for how many seconds after SIGTERM connections are still taken."""
        self.has_begun = False
        self._delay = delay

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Put the announcement before the server's own handling of SIGTERM. A second SIGTERM does not wait.

        A worker whose supervisor is gone ends as well: nobody else would end it, and it holds the port.
        """
        stop = signal.getsignal(signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread() or not callable(stop):
            # Only the main thread gets signals, and a server that does not handle them has other ways to end.
            yield
            return
        loop = asyncio.get_running_loop()
        supervisor = multiprocessing.parent_process()
        signal.signal(signal.SIGTERM, lambda *_: self._begin(loop, stop))
        if supervisor is not None:
            loop.add_reader(supervisor.sentinel, self._orphaned, loop, supervisor.sentinel, stop)
        try:
            yield
        finally:
            if supervisor is not None:
                loop.remove_reader(supervisor.sentinel)
            signal.signal(signal.SIGTERM, stop)

    def _begin(self, loop: asyncio.AbstractEventLoop, stop: Callable[..., Any]) -> None:
        if self.has_begun or not self._delay:
            stop(signal.SIGTERM, None)
        else:
            loop.call_soon_threadsafe(loop.call_later, self._delay, stop, signal.SIGTERM, None)
        if not self.has_begun:
            self.has_begun = True
            limit = threading.Timer(self._delay + SECONDS_UNTIL_THE_END, os._exit, (CUT_SHORT,))
            limit.daemon = True
            limit.start()

    def _orphaned(self, loop: asyncio.AbstractEventLoop, sentinel: int, stop: Callable[..., Any]) -> None:
        loop.remove_reader(sentinel)
        logger.warning("The process that started this worker is gone, so the worker ends.")
        self._delay = 0
        self._begin(loop, stop)


class QuietEnd:
    """ASGI middleware: where a second Ctrl-C has the process end without the application, that is no failure of it.

    The server cancels what waits for the application's end, and the framework tells that as it tells any exception.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything but the traceback of a cancellation."""

        async def tell(message: Message) -> None:
            if message["type"] == "lifespan.shutdown.failed" and isinstance(sys.exception(), asyncio.CancelledError):
                message = {"type": message["type"]}
            await send(message)

        await self._app(scope, receive, tell if scope["type"] == "lifespan" else send)
