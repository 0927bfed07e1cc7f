"""A proxy between a server and PostgreSQL that does what networks do: cut, refuse, freeze, delay, garble."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from db.engine import database_url

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

_CHUNK = 65536
_TURNS_OF_QUIET = 10


class _Link:
    """One connection of the server, and the one to PostgreSQL that belongs to it."""

    def __init__(self, client: asyncio.StreamWriter, upstream: asyncio.StreamWriter) -> None:
        self.writers = (client, upstream)
        self.loses_answer = False
        # Nothing gets through of what is asked, not even that the server left; or of what is answered.
        self.is_deaf = False
        self.is_dumb = False

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


class Proxy:
    """Forwards until it is told otherwise. Every method may be called from any thread, at any time."""

    def __init__(self, upstream: str) -> None:
        """`upstream` is the address of a database whose server listens on a socket file."""
        self._url = database_url(upstream)
        self._directory = self._url.query["host"]
        self._loop = asyncio.new_event_loop()
        self._links: set[_Link] = set()
        self._listener: asyncio.Server | None = None
        self._port = 0
        self._delay = 0.0
        self._ending = asyncio.Event()
        self._garbler: random.Random | None = None
        self._bytes_left: int | None = None
        self._on_commit = ""
        self._fatal_words: bytes | None = None
        self._flowing = asyncio.Event()
        self.commits_seen = 0

    @property
    def address(self) -> str:
        """The address of the same database by way of the proxy."""
        url = self._url.set(drivername="postgresql", host="127.0.0.1", port=self._port, query={"sslmode": "disable"})
        return url.render_as_string(hide_password=False)

    def refuse(self) -> None:
        """Take no new connections, and end those that there are."""
        self._do(self._refuse())

    def accept(self) -> None:
        """Take connections again."""
        self._do(self._listen())

    def cut(self) -> int:
        """End all connections, and say how many there were. New ones are taken."""
        return int(self._do(self._cut()))

    def freeze(self) -> None:
        """Take everything in and let nothing out, in either direction; connections are taken and not answered."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def thaw(self) -> None:
        """Go on where it stopped."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    def delay(self, seconds: float) -> None:
        """Hold each chunk back for so long."""
        self._delay = seconds

    def garble(self, seed: int | None) -> None:
        """Change a random byte in one of four chunks that PostgreSQL sends; None ends that."""
        self._garbler = None if seed is None else random.Random(seed)  # noqa: S311 - no secret

    def cut_after(self, count: int) -> None:
        """End all connections once PostgreSQL has sent so many bytes more."""
        self._bytes_left = count

    def lose_answers_of_open_connections(self) -> None:
        """Let nothing out any more of what PostgreSQL answers on the connections that are open."""
        for link in list(self._links):
            link.is_dumb = True

    def lose_all_of_open_connections(self) -> None:
        """Let nothing through any more, in either direction, on the connections that are open."""
        for link in list(self._links):
            link.is_deaf = link.is_dumb = True

    def lose_all_from(self, words: bytes) -> None:
        """Let nothing through any more, in either direction, on a connection on which these words are sent."""
        self._fatal_words = words

    def lose_nothing_more(self) -> None:
        """Let everything through again on new connections."""
        self._fatal_words = None

    def lose_commit(self) -> None:
        """End the connection of the next COMMIT before PostgreSQL gets it."""
        self._on_commit = "lose"

    def lose_answer_to_commit(self) -> None:
        """End the connection of the next COMMIT when PostgreSQL has answered, and keep the answer."""
        self._on_commit = "lose answer"

    def _do(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _listen(self) -> None:
        self._flowing.set()
        self._listener = await asyncio.start_server(self._take, "127.0.0.1", self._port)
        self._port = self._listener.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        assert self._listener is not None
        self._listener.close()
        await self._cut()

    async def _cut(self) -> int:
        links = list(self._links)
        for link in links:
            link.cut()
        return len(links)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flowing.wait()
        if self._ending.is_set():
            writer.transport.abort()
            return
        try:
            answers, upstream = await asyncio.open_unix_connection(f"{self._directory}/.s.PGSQL.5432")
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, upstream)
        self._links.add(link)
        if self._ending.is_set():
            link.cut()
        try:
            await asyncio.gather(self._ask(link, reader), self._answer(link, answers))
        finally:
            self._links.discard(link)
            link.cut()

    async def _ask(self, link: _Link, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._hold()
                if self._fatal_words is not None and self._fatal_words in chunk:
                    link.is_deaf = link.is_dumb = True
                if link.is_deaf:
                    continue
                if b"COMMIT\0" in chunk:
                    self.commits_seen += 1
                    fate, self._on_commit = self._on_commit, ""
                    if fate == "lose":
                        break
                    link.loses_answer = fate == "lose answer"
                link.writers[1].write(chunk)
                await link.writers[1].drain()
        if not link.is_deaf:
            link.cut()

    async def _answer(self, link: _Link, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._hold()
                if link.loses_answer:
                    break
                if link.is_dumb:
                    continue
                chunk, is_last = self._counted(self._garbled(chunk))
                link.writers[0].write(chunk)
                await link.writers[0].drain()
                if is_last:
                    await self._cut()
        link.cut()

    async def _hold(self) -> None:
        if self._delay:
            await asyncio.sleep(self._delay)
        await self._flowing.wait()

    def _garbled(self, chunk: bytes) -> bytes:
        garbler = self._garbler
        if garbler is None or garbler.random() > 1 / 4:
            return chunk
        changed = bytearray(chunk)
        changed[garbler.randrange(len(changed))] ^= garbler.randrange(1, 256)
        return bytes(changed)

    def _counted(self, chunk: bytes) -> tuple[bytes, bool]:
        if self._bytes_left is None:
            return chunk, False
        if len(chunk) < self._bytes_left:
            self._bytes_left -= len(chunk)
            return chunk, False
        chunk, self._bytes_left = chunk[: self._bytes_left], None
        return chunk, True

    async def _end(self) -> None:
        self._ending.set()
        self._delay = 0
        self._flowing.set()
        await self._cut()
        # Connections that were cut end by themselves. One that came just before takes some turns until it has a task.
        # asyncio forgets to close those that it is about to take when the listener closes, so that comes last.
        quiet = 0
        while quiet < _TURNS_OF_QUIET:
            if others := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(others)
                quiet = 0
            await asyncio.sleep(0)
            quiet += 1
        await self._refuse()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run in a thread of its own until the block ends."""
        thread = threading.Thread(target=self._loop.run_forever)
        thread.start()
        try:
            self._do(self._listen())
            yield
            self._do(self._end())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()


@contextmanager
def proxy_to(upstream: str) -> Iterator[Proxy]:
    """Run a proxy in front of a database."""
    proxy = Proxy(upstream)
    with proxy.running():
        yield proxy
