"""A first look without anything: its own PostgreSQL comes and goes with it, and its key is shown once."""

from __future__ import annotations

import json
import os
import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.api.processes import Server, postgres_on, run, serving, starting, wait_for

if TYPE_CHECKING:
    from pathlib import Path

WHO = "{ viewer { name kind } }"
ADMINISTRATOR = {"viewer": {"name": "local-trial", "kind": "ADMIN"}}
CREATE = """mutation ($name: String!) {
  createTeam(input: {displayName: $name, platformName: $name}) { ... on CreateTeamSuccess { team { displayName } } }
}"""
NAMES = "{ teams { nodes { displayName } } }"


def end(server: Server, data: Path, *, by: signal.Signals) -> int:
    """Stop a server as its user would, and see that it leaves nothing behind."""
    if by is signal.SIGINT:
        server.interrupt()
    else:
        server.process.send_signal(by)
    code = server.exit_code()
    assert postgres_on(data) == [], "PostgreSQL stops before the process that started it"
    assert "Traceback" not in server.said
    return code


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_it_begins_with_nothing_and_leaves_nothing_running(
    tmp_path: Path, data_directory: Path, by: signal.Signals
) -> None:
    with serving(tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:
        assert server.line("GraphiQL and API") == f"{server.address}/graphql"
        assert server.execute(WHO) == ADMINISTRATOR
        assert server.post(WHO, key="wrong").status_code == 401
        assert end(server, data_directory, by=by) == 0
        assert server.said.count(server.key) == 1, "from the announcement on, it is in no line of the log"


def test_the_data_outlives_a_run_and_its_key_does_not(tmp_path: Path) -> None:
    """By default it is below the current directory, also where that path is too long for a socket."""
    data = tmp_path / ".data" / "postgres"
    with serving(tmp_path) as server:
        server.execute(CREATE, {"name": "first"})
        first_key = server.key
        assert end(server, data, by=signal.SIGINT) == 0

    with serving(tmp_path) as server:
        assert server.key != first_key
        assert server.post(WHO, key=first_key).status_code == 401
        assert server.execute(NAMES) == {"teams": {"nodes": [{"displayName": "first"}]}}
        assert "nothing to do" in server.said, "it was migrated already"
        assert postgres_on(data)
        assert end(server, data, by=signal.SIGTERM) == 0


def test_a_killed_server_leaves_no_debt(tmp_path: Path, data_directory: Path) -> None:
    """What was killed cannot stop its PostgreSQL; the next run takes it over and does stop it."""
    with serving(tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:
        server.execute(CREATE, {"name": "kept"})
        server.process.kill()
        server.exit_code()
        assert postgres_on(data_directory), "otherwise this tests nothing"

    with serving(tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:
        assert server.execute(NAMES) == {"teams": {"nodes": [{"displayName": "kept"}]}}
        assert end(server, data_directory, by=signal.SIGINT) == 0


def test_a_postgresql_that_somebody_killed_is_told_and_stopped_without_a_word(
    tmp_path: Path, data_directory: Path
) -> None:
    with serving(tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:
        server.execute(NAMES)
        killed = postgres_on(data_directory)
        for process in killed:
            process.kill()
        psutil.wait_procs(killed)
        assert server.post(NAMES).status_code == 503
        assert end(server, data_directory, by=signal.SIGINT) == 0
    with serving(tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:
        server.execute(NAMES)


def test_a_postgresql_that_another_command_started_again_is_stopped_too(tmp_path: Path, data_directory: Path) -> None:
    with serving(tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:
        killed = postgres_on(data_directory)
        for process in killed:
            process.kill()
        psutil.wait_procs(killed)
        seeded = run("seed", "--teams", "1", directory=tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(data_directory))
        assert seeded.returncode == 0, seeded.stderr
        server.execute(NAMES)
        assert end(server, data_directory, by=signal.SIGINT) == 0


def test_workers_share_the_key_and_stop_together(tmp_path: Path, data_directory: Path) -> None:
    """Ctrl-C reaches all of them at once, and the one that started PostgreSQL has to be the last."""
    with serving(tmp_path, "--workers", "2", EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:

        def workers() -> set[str]:
            # Each logs its start; each request opens a connection of its own, which either may take.
            return {line for line in server.said.splitlines() if "Started server process" in line}

        wait_for(lambda: len(workers()) == 2, "both workers")
        assert all(server.execute(WHO) == ADMINISTRATOR for _ in range(20))
        assert server.said.count(server.key) == 1
        assert end(server, data_directory, by=signal.SIGINT) == 0
        assert server.said.count("Finished server process") == 2


def test_a_worker_that_is_killed_is_replaced_and_told_of(tmp_path: Path, data_directory: Path) -> None:
    """As an error, or workers could end again and again, unseen."""
    with serving(tmp_path, "--workers", "2", EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:
        wait_for(lambda: server.said.count("startup complete") == 2, "both workers")
        children = psutil.Process(server.process.pid).children()
        worker = next(child for child in children if "spawn_main" in " ".join(child.cmdline()))
        worker.kill()
        wait_for(lambda: server.said.count("startup complete") == 3, "another worker")
        (told,) = (json.loads(line) for line in server.said.splitlines() if '"error"' in line)
        assert (told["worker"], told["exit_code"]) == (worker.pid, -signal.SIGKILL)
        assert server.execute(WHO) == ADMINISTRATOR
        assert end(server, data_directory, by=signal.SIGINT) == 0


def test_a_second_server_shares_postgresql_with_the_first(tmp_path: Path, data_directory: Path) -> None:
    """Whoever tries something on another port must not lose the database when the other is closed."""
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(serving(tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(data_directory))) for _ in range(2)
        )
        first.execute(CREATE, {"name": "shared"})
        assert second.execute(NAMES) == {"teams": {"nodes": [{"displayName": "shared"}]}}
        first.interrupt()
        assert first.exit_code() == 0
        assert second.execute(NAMES) == {"teams": {"nodes": [{"displayName": "shared"}]}}
        assert end(second, data_directory, by=signal.SIGINT) == 0


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_impatient_user_stops_postgresql_too(tmp_path: Path, data_directory: Path, by: signal.Signals) -> None:
    """Ctrl-C again and again while it stops ends sooner, with the same nothing left."""
    with serving(tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:

        def insist() -> bool:
            if server.process.poll() is None:
                os.killpg(server.process.pid, by)
            return server.process.poll() is not None

        wait_for(insist, "the end")
        wait_for(lambda: postgres_on(data_directory) == [], "PostgreSQL to have stopped", patience=10)


@pytest.mark.parametrize("moment", ["PG_VERSION", "postmaster.pid"])
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_stopping_while_the_database_is_made_or_started_spoils_nothing(
    tmp_path: Path, data_directory: Path, by: signal.Signals, moment: str
) -> None:
    """A directory half made must not keep every later run from starting, nor a server half started this one running."""
    with starting(tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:
        wait_for((data_directory / moment).exists, "the database to be in the making")
        os.killpg(server.process.pid, by)
        server.exit_code()
        wait_for(lambda: postgres_on(data_directory) == [], "PostgreSQL to have stopped", patience=10)

    with serving(tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(data_directory)) as server:
        assert server.execute(WHO) == ADMINISTRATOR
