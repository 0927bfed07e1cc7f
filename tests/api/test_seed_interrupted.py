"""`seed`, stopped by Ctrl-C: what it says that it made is what is there."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.api.held_work import OURS, WAITING, held
from tests.api.processes import PATIENCE, PROGRAM, environment, wait_for
from tests.api.seeded_rows import counts, printed_counts, rows

if TYPE_CHECKING:
    from pathlib import Path


async def test_an_interruption_lets_the_teams_under_way_be_made(migrated_database: str, tmp_path: Path) -> None:
    """Stopped in the middle of COMMIT, they might be there, and the command would not know."""
    process = await asyncio.create_subprocess_exec(
        *("env", "--default-signal=INT", *PROGRAM, "seed", "--teams", "10000"),
        cwd=tmp_path,
        env=environment(DATABASE_URL=migrated_database),
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE):
            async with held(migrated_database, "usage_logs"):
                waiting = f"SELECT pid {OURS} AND {WAITING}"
                await asyncio.to_thread(wait_for, lambda: rows(migrated_database, waiting), "the first teams")
                process.send_signal(signal.SIGINT)
                while not (await process.stderr.readline()).startswith(b"Finishing the teams under way"):
                    pass
            said = (await process.stderr.read()).decode()
            assert await process.wait() == 130
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    assert said.startswith("Interrupted. Made 10 teams, ")
    assert printed_counts(said) == await asyncio.to_thread(counts, migrated_database)


def test_an_interruption_leaves_whole_teams(migrated_database: str, tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - the command is ours
        # A shell that runs the tests in the background has its children ignore Ctrl-C.
        ["env", "--default-signal=INT", *PROGRAM, "seed", "--teams", "10000"],  # noqa: S607 - wherever env is
        cwd=tmp_path,
        env=environment(DATABASE_URL=migrated_database),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            wait_for(lambda: counts(migrated_database)[0], "the first teams")
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()

    assert process.returncode == 130
    assert stdout == ""
    last_line = stderr.splitlines()[-1]
    assert last_line.startswith("Interrupted. Made ")
    assert printed_counts(last_line) == counts(migrated_database)
    assert rows(migrated_database, "SELECT count(*) FROM team_revisions") == [(counts(migrated_database)[0],)]
