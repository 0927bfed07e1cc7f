"""A line of the log is one event, whatever is in it; tracebacks tell where something failed, not with which values."""

from __future__ import annotations

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


TELLS = r"""
import structlog
from graphql_api.logging import configure_logging

configure_logging("INFO", FORMAT)
structlog.stdlib.get_logger("test").info("request", path="/a\x1b[2J\nforged\r\x9b\x07")
"""


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_what_a_caller_sends_cannot_forge_a_line_or_steer_a_terminal(log_format: str) -> None:
    """A path is the caller's, and may hold anything once it is decoded."""
    ended = subprocess.run(  # noqa: S603 - the program is above
        [sys.executable, "-c", TELLS.replace("FORMAT", repr(log_format))],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    (line,) = ended.stderr.splitlines()
    assert "forged" in line
    assert not [character for character in line if ord(character) < ord(" ")]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_no_local_variable(log_format: str) -> None:
    """The library that makes prettier ones, with their variables, is there wherever the tests are."""
    assert find_spec("rich") is not None
    ended = subprocess.run(  # noqa: S603 - the program is above
        [sys.executable, "-c", FAILS.replace("FORMAT", repr(log_format))],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "authenticate" in ended.stderr
    assert SECRET.replace("-", "_") not in ended.stderr
