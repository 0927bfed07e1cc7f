"""The benchmark runs, and says what it has measured."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from benchmarks.usage_totals import measure

if TYPE_CHECKING:
    import pytest


def test_each_size_is_measured_in_every_way(postgres_address: str, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(measure(postgres_address, [2000, 3000], 1, 8))

    output, progress = capsys.readouterr()
    # 60 days, 4 keys and 5 models in each of 8 slots, however many logs there are.
    assert re.findall(r"([\d,]+) rows of totals in (\d+) slots", progress) == [("9,600", "8")] * 2
    head, *_ = re.findall(r"^ .*logs.*$", output, re.MULTILINE)
    assert re.findall(r"[\d,]+ logs", head) == ["2,000 logs", "3,000 logs"]
    reads = [
        line
        for line in output.splitlines()
        if line.startswith(("quota, from", "30 days, from", "30 days by model, from"))
    ]
    inserts = [line for line in output.splitlines() if line.startswith("insert, ")]
    assert (len(reads), len(inserts)) == (6, 12)
