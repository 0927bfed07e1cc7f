"""The watch on memory, for as short as it can be: it starts the program, and is answered."""

from __future__ import annotations

import re

from click.testing import CliRunner

from benchmarks.memory import main


def test_each_process_is_watched_under_load() -> None:
    result = CliRunner().invoke(
        main, ["--minutes", "0.01", "--requests", "20", "--workers", "2", "--samples", "4"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    samples = re.findall(r"^ +\d+ s +([\d,]+) requests: ([\d.]+), ([\d.]+), ([\d.]+) MB$", result.output, re.MULTILINE)
    assert len(samples) >= 4
    assert int(samples[-1][0]) >= 20
    assert len(re.findall(r"^Process \d: ", result.output, re.MULTILINE)) == 3
