"""The benchmark of the limits runs, and says what it has measured."""

from __future__ import annotations

import re
import subprocess
import sys

from benchmarks.limits.operations import OPERATIONS
from benchmarks.limits.variants import PARTS, VARIANTS
from tests.api.processes import ROOT, environment


def test_each_operation_is_measured_in_every_way() -> None:
    """It compares the answers itself, and ends where they differ."""
    # In a process of its own: where its log lines go to is not where those of later tests should.
    command = [sys.executable, "-m", "benchmarks.limits", "--rounds", "1", "--requests", "1"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stderr
    *tables, parts = re.split(r"^(?=In one process|Over HTTP|Of the)", done.stdout, flags=re.MULTILINE)[1:]
    assert len(tables) == 3
    for table in tables:
        assert labels(table) == [label for operation in OPERATIONS for label in (operation, *VARIANTS)]
    assert labels(parts) == [*PARTS, "chance"]


def labels(table: str) -> list[str]:
    """Name the lines of a table but its heading."""
    return [re.split(r" {2,}", line.strip())[0] for line in table.splitlines()[1:] if line.strip()]
