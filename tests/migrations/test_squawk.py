"""No revision holds up the tables that it works on, as far as a linter can tell."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import migrations
from migrations import runner

if TYPE_CHECKING:
    from subprocess import CompletedProcess

ROOT = Path(migrations.__file__).parent.parent
SQUAWK = Path(sys.executable).with_name("squawk")


def squawk(sql: str) -> CompletedProcess[str]:
    """Let squawk judge, by the configuration that the repository holds."""
    return subprocess.run(  # noqa: S603 - a program of the development environment
        [SQUAWK, "--config", ROOT / ".squawk.toml", "--reporter", "gcc", "--stdin-filepath", "migration.sql"],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )


# The existing schema is of the earlier service's making.
@pytest.mark.parametrize(("start", "end"), list(pairwise(runner.revisions())))
def test_a_revision_is_without_danger_for_those_who_use_the_tables(start: str, end: str) -> None:
    verdict = squawk(runner.upgrade_sql(start, end))
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("CREATE INDEX ix ON messages (role);", "require-concurrent-index-creation"),
        ("ALTER TABLE teams ADD CONSTRAINT c CHECK (id > 0);", "constraint-missing-not-valid"),
        ("ALTER TABLE teams ALTER COLUMN id TYPE bigint;", "changing-column-type"),
        ("ALTER TABLE teams ADD COLUMN c boolean;", "require-lock-timeout"),
    ],
)
def test_the_linter_sees_a_danger(statement: str, rule: str) -> None:
    verdict = squawk(statement)
    assert verdict.returncode != 0
    assert rule in verdict.stdout


def test_every_statement_runs_under_a_time_out() -> None:
    assert runner.upgrade_sql(runner.EXISTING_SCHEMA).startswith("SET lock_timeout = '3s';")
