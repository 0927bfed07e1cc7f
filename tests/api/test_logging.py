"""A line of the log is one event, whatever is in it; tracebacks tell where something failed, not with which values."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.api.processes import ROOT, environment

SECRET = "ak_a-secret-in-a-local-variable"
FAILS = f"""
import structlog
from graphql_api.logging import configure_logging

configure_logging("INFO", FORMAT)
logger = structlog.stdlib.get_logger("test")


def authenticate(key):
    raise RuntimeError("unforeseen")


try:
    authenticate("{SECRET}".replace("-", "_"))
except RuntimeError:
    logger.exception("A request failed.")
"""


# Control characters of both kinds, what rearranges a line, and what ends one for some programs.
FORGERIES = [r"\x7f\x08", r"\x1b[2J\r\x9b\x07\x85\u202e\u2066\u200b\u2028\U000e0001"]
TELLS = r"""
import structlog
from graphql_api.logging import configure_logging

configure_logging("INFO", FORMAT)
structlog.stdlib.get_logger("test").info("request", path="/a\nforgedFORGERY")
"""
SAYS = r"""
import logging

from graphql_api.logging import configure_logging

configure_logging("INFO", FORMAT)
logging.getLogger("library").info("said %s", "\nforgedFORGERY")
"""
FALLS = r"""
import structlog
from graphql_api.logging import configure_logging

configure_logging("INFO", FORMAT)
error = RuntimeError("forgedFORGERY")
structlog.stdlib.get_logger("test").error("A request failed.", exc_info=error)
"""
WARNS = r"""
import warnings

from graphql_api.logging import configure_logging

configure_logging("INFO", FORMAT)
warnings.warn("\nforgedFORGERY")
"""


def run(program: str, log_format: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a program with the format in the place of FORMAT; with `check`, it has to end well."""
    return subprocess.run(  # noqa: S603 - the programs are in this file
        [sys.executable, "-c", program.replace("FORMAT", repr(log_format))],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=check,
    )


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("forgery", FORGERIES, ids=["ASCII", "beyond ASCII"])
@pytest.mark.parametrize(
    "program", [TELLS, SAYS, FALLS, WARNS], ids=["a value", "a message", "an exception", "a warning"]
)
def test_what_a_caller_sends_cannot_forge_a_line_or_steer_a_terminal(
    log_format: str, program: str, forgery: str
) -> None:
    """A path is the caller's, and may hold anything once it is decoded; so may what libraries say and raise."""
    ended = run(program.replace("FORGERY", forgery), log_format)
    lines = ended.stderr.split("\n")[:-1]
    # Of a traceback, only the console has lines of its own.
    assert len(lines) == 1 or (program is FALLS and log_format == "console")
    assert "forged" in lines[-1]
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_no_local_variable(log_format: str) -> None:
    """The library that makes prettier ones, with their variables, is there wherever the tests are."""
    assert find_spec("rich") is not None
    ended = run(FAILS, log_format)
    assert "authenticate" in ended.stderr
    assert SECRET.replace("-", "_") not in ended.stderr


ABANDONS = """
from graphql_api.logging import configure_logging

configure_logging("INFO", FORMAT)


class CLASS:
    async def execute(self):
        pass


CLASS().execute()
"""


# As where the collector finds it while a named tuple is made: to warn, Python imports, which that code cannot.
ABANDONS_WHERE_NOTHING_CAN_BE_IMPORTED = """
from graphql_api.logging import configure_logging

configure_logging("INFO", FORMAT)


class CLASS:
    async def execute(self):
        pass


abandoned = [CLASS().execute()]
eval("clear()", {"__builtins__": {}, "clear": abandoned.clear})
"""


@pytest.mark.parametrize(
    "program", [ABANDONS, ABANDONS_WHERE_NOTHING_CAN_BE_IMPORTED], ids=["anywhere", "where no import is"]
)
def test_a_caller_cannot_fill_the_log_with_what_the_library_abandons(program: str) -> None:
    """Where an error ends an execution first, the library leaves coroutines un-awaited; with ours, it were a defect."""
    assert run(program.replace("CLASS", "Executor"), "json").stderr == ""
    lines = run(program.replace("CLASS", "Strand"), "json").stderr.splitlines()
    assert {json.loads(line)["level"] for line in lines} <= {"warning", "error"}
    assert "Strand.execute" in lines[0]


GOES_ON = """
import os

import structlog

from graphql_api.logging import configure_logging

configure_logging("INFO", FORMAT)
reads, writes = os.pipe()
os.close(reads)
os.dup2(writes, 2)
structlog.stdlib.get_logger("test").info("request")
print("went on")
"""


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_log_that_nobody_takes_fails_no_request(log_format: str) -> None:
    """Whoever collects the log may end before the service does."""
    ended = run(GOES_ON, log_format, check=False)
    assert ended.stdout == "went on\n"


PLACES = """
from datetime import UTC, datetime

import structlog

from graphql_api.logging import configure_logging

configure_logging("INFO", "json")
logger = structlog.stdlib.get_logger("test")
logger.info("said", began=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), place="PLACE")
"""


@pytest.mark.parametrize("place", ["here", "Zürich", "\x7f"])
def test_moments_are_written_in_one_way(place: str) -> None:
    """Lines with other than plain text are written by other means."""
    event = json.loads(run(PLACES.replace("PLACE", place), "json").stderr)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", event.pop("timestamp"))
    assert event == {
        "event": "said",
        "began": "2026-01-02T03:04:05.000006Z",
        "place": place,
        "level": "info",
        "logger": "test",
    }
