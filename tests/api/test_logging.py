"""Tracebacks tell where something failed, and not with which values."""

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
