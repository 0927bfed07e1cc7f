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
    while True:
        children = parent.children(recursive=True)
        try:
            total = sum(_exactly(child) for child in children)
        except psutil.NoSuchProcess:
            continue
        spent = parent.cpu_times()
        # One that ended meanwhile is counted there already.
        if parent.children(recursive=True) == children:
            return total + _own(parent) + float(spent.children_user + spent.children_system)


def _own(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def _exactly(process: psutil.Process) -> float:
    """Give the seconds of a process with one thread, as PostgreSQL's are, of which each takes little."""
    try:
        nanoseconds, *_ = Path(f"/proc/{process.pid}/schedstat").read_text(encoding="ascii").split()
    except OSError:
        # Not every kernel tells; the times that all tell are in hundredths of a second.
        return _own(process)
    return int(nanoseconds) / 1e9
