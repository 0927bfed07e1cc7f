"""The benchmark of the limits runs, and says what it has measured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks.limits.__main__ import measure
from benchmarks.limits.operations import OPERATIONS
from benchmarks.limits.variants import PARTS, VARIANTS

if TYPE_CHECKING:
    import pytest


def test_each_operation_is_measured_in_every_way(postgres_address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It compares the answers itself, and ends where they differ."""
    measure(postgres_address, rounds=1, requests=1, warming_up=0)

    output = capsys.readouterr().out
    *tables, parts = re.split(r"^(?=In one process|Over HTTP|Of the)", output, flags=re.MULTILINE)[1:]
    assert len(tables) == 3
    for table in tables:
        assert labels(table) == [label for operation in OPERATIONS for label in (operation, *VARIANTS)]
    assert labels(parts) == [*PARTS, "chance"]


def labels(table: str) -> list[str]:
    """Name the lines of a table but its heading."""
    return [re.split(r" {2,}", line.strip())[0] for line in table.splitlines()[1:] if line.strip()]
