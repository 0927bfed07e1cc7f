"""Sending requests by wrk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess  # nosec B404
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.side_by_side.requests import NUMBER, headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.side_by_side.requests import Requests

_SCRIPT: Final = Path(__file__).with_name("load.lua")
_PATIENCE: Final = 60


FAILED_MAXIMUM: Final = 0.1
"""The share of requests that may fail; beyond it the others say nothing."""


class LoadFailed(Exception):
    """Too many requests failed, so that what was measured is worth nothing."""


class Load(NamedTuple):
    """What came of sending: seconds, and milliseconds within which half and all but a hundredth were answered.

    Requests that failed are not among the others.
    """

    requests: int
    failed: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def wrk() -> str | None:
    """Find wrk."""
    return shutil.which("wrk")


def script(requests: Requests, first: int) -> str:
    """Write what wrk runs: the requests in turns, numbered from `first` on."""
    templates = ",\n".join(
        f"{{method = {_text(each.method)}, path = {_text(each.path)}, body = {_text(each.body)}}}"
        for each in requests.templates
    )
    head = ", ".join(f"[ {_text(name)} ] = {_text(value)}" for name, value in headers().items())
    return (
        f"FIRST = {first}\nNUMBER = {_text(NUMBER)}\nHEADERS = {{{head}}}\nTEMPLATES = {{\n{templates}\n}}\n"
        + _SCRIPT.read_text(encoding="utf-8")
    )


def send(
    address: str,
    requests: Requests,
    *,
    first: int,
    concurrency: int,
    seconds: int,
    directory: Path,
    cores: Sequence[int],
) -> Load:
    """Send requests over so many connections for so long, numbered from `first` on.

    Raises:
        LoadFailed: too many of them were not answered with success.
    """
    path = directory / "requests.lua"
    path.write_text(script(requests, first), encoding="utf-8")
    options = ["--threads", "1", "--connections", str(concurrency), "--duration", f"{seconds}s", "--timeout", "30s"]
    done = subprocess.run(  # noqa: S603 - the command is ours  # nosec B603
        [wrk() or "wrk", *options, "--script", str(path), address],
        capture_output=True,
        text=True,
        timeout=seconds + _PATIENCE,
        check=False,
        preexec_fn=partial(os.sched_setaffinity, 0, cores) if cores else None,
    )
    said = done.stdout.strip().rpartition("\n")[2]
    if done.returncode or not said.startswith("{"):
        raise LoadFailed(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    result = json.loads(said)
    answered, failed = result["requests"], result["failed"]
    if failed > FAILED_MAXIMUM * (answered + failed):
        raise LoadFailed(f"{failed} of {answered + failed} requests failed.")
    return Load(answered, failed, result["microseconds"] / 1e6, result["p50"] / 1000, result["p99"] / 1000)


def _text(text: str) -> str:
    # Long brackets of Lua take all but their own end as it is.
    return f"[==[{text}]==]"
