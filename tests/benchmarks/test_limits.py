"""The benchmark of the limits runs, and says what it has measured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks.limits.__main__ import measure
from benchmarks.limits.operations import OPERATIONS
from benchmarks.limits.variants import AGAIN, BARE, CHEAPEST, PARTS, SHIPPED, WITHOUT_CONNECTIONS

if TYPE_CHECKING:
    import pytest


def test_each_operation_is_measured_in_every_way(postgres_address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It compares the answers itself, and ends where they differ."""
    measure(postgres_address, rounds=1, requests=1, warming_up=0)

    output = capsys.readouterr().out
    *tables, over_http = re.split(r"^(?=In one process|Of the|Over HTTP)", output, flags=re.MULTILINE)[1:]
    clock, processor, parts = tables
    variants = [BARE, CHEAPEST, SHIPPED, AGAIN]
    assert labels(clock) == labels(processor) == labels_for(variants)
    assert labels(over_http) == labels_for([*variants, WITHOUT_CONNECTIONS])
    assert labels(parts) == [*PARTS, "chance"]


def labels_for(variants: list[str]) -> list[str]:
    return [label for operation in OPERATIONS for label in (operation, *variants)]


def labels(table: str) -> list[str]:
    """Name the lines of a table but its heading."""
    return [re.split(r" {2,}", line.strip())[0] for line in table.splitlines()[1:] if line.strip()]
