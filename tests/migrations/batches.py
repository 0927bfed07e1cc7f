"""Back-fills in small batches, with something happening between them."""

from __future__ import annotations

import asyncio
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import migrations
from migrations import backfill
from tests.conftest import run_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pytest
    from sqlalchemy.engine import URL

PROGRESS = ": at id "

_MIGRATE_IN_SMALL_BATCHES = """
import asyncio, sys
from migrations import backfill, runner

original = backfill.in_batches
backfill.in_batches = lambda *arguments, rows, activity: original(*arguments, rows=20, activity=activity)
backfill.SECONDS_BETWEEN_REPORTS = 0
asyncio.run(runner.upgrade(sys.argv[1], report=print))
"""


class Stopped(Exception):
    """The migrator was stopped between two batches."""


def make_batches_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each batch take few rows, and told of."""
    original = backfill.in_batches

    def in_small_batches(table: str, statement: str, *, rows: int, activity: str) -> None:
        original(table, statement, rows=min(rows, 10), activity=activity)

    monkeypatch.setattr(backfill, "in_batches", in_small_batches)
    monkeypatch.setattr(backfill, "SECONDS_BETWEEN_REPORTS", 0)


def between_batches(url: URL, statements: Iterable[str]) -> Callable[[str], None]:
    """Give a `report` that has another program run one of the statements before each batch."""
    remaining = iter(statements)
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)

    def report(message: str) -> None:
        if PROGRESS in message and (statement := next(remaining, None)):
            # The migrator's own thread is in the middle of its event loop.
            with ThreadPoolExecutor() as pool:
                pool.submit(run_sql, address, statement).result()

    return report


def stop_after(batches: int) -> Callable[[str], None]:
    """Give a `report` that stops the migrator once so many batches are done."""
    told = 0

    def report(message: str) -> None:
        nonlocal told
        told += PROGRESS in message
        if told > batches:
            raise Stopped

    return report


async def kill_after(url: URL, batches: int) -> None:
    """Migrate in another process, and kill it once it tells that so many batches are done."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-c", _MIGRATE_IN_SMALL_BATCHES, url.render_as_string(hide_password=False)),
        cwd=Path(migrations.__file__).parent.parent,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    told = 0
    async for line in process.stdout:
        told += PROGRESS in line.decode()
        if told > batches:
            break
    process.kill()
    await process.wait()
    assert told > batches, "it was killed in the middle"


def statements_of(sql: str) -> list[str]:
    """Take written SQL apart: a batch that commits cannot be sent together with others."""
    return re.findall(r"(?:\$\$.*?\$\$|[^;])+;", sql, re.DOTALL)
