"""Time of the processor that servers take."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import psutil


async def postmaster(database: str) -> int | None:
    """Find the process of the PostgreSQL server; None where it is on another machine."""
    connection = await asyncpg.connect(database)
    directory = await connection.fetchval("SHOW data_directory")
    await connection.close()
    try:
        return int((Path(directory) / "postmaster.pid").read_text().partition("\n")[0])
    except (OSError, ValueError):
        return None


def seconds(process: int | None) -> float:
    """Give the seconds that a process and all that it started have taken, those that have ended included."""
    if process is None:
        return 0.0
    parent = psutil.Process(process)
    spent = parent.cpu_times()
    total: float = spent.user + spent.system + spent.children_user + spent.children_system
    for child in parent.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
