"""`migrate --adopt` on a database that the earlier service made, as an operator runs it, and what is served then."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.engine import database_url
from tests.api.processes import PATIENCE, PROGRAM, environment, run
from tests.conftest import run_sql
from tests.migrations.earlier_service import (
    DESCRIBED,
    LATER,
    SECOND_SECRET,
    SECRET,
    WORK_OF_ITS_OWN,
    everything,
    make,
)
from tests.running_api import running_api

if TYPE_CHECKING:
    from pathlib import Path

TEAMS = "{ teams(first: 100, orderBy: {field: CREATED_AT}) { nodes { displayName platformName platformType } } }"
SESSIONS = """{ sessions(first: 30) { nodes {
  platform userId team { platformName } messages(first: 40, includeCleared: true) { nodes { content } }
} } }"""
VIEWER = "{ viewer { kind name } }"


def in_database(address: str, work: Any, *arguments: Any, **options: Any) -> Any:
    """Do something with an engine over the database."""

    async def do() -> Any:
        engine = create_async_engine(database_url(address), poolclass=NullPool)
        try:
            return await work(engine, *arguments, **options)
        finally:
            await engine.dispose()

    return asyncio.run(do())


@pytest.fixture
def earlier(fresh_database: str) -> str:
    """The address of a database that the earlier service made and left at a later revision."""
    in_database(fresh_database, make)
    return fresh_database


def test_what_was_there_is_served_and_keys_of_old_open_the_door(tmp_path: Path, earlier: str) -> None:
    done = run("migrate", "--adopt", "--yes", directory=tmp_path, DATABASE_URL=earlier)
    assert (done.returncode, done.stdout) == (0, ""), done
    assert "Go ahead?" not in done.stderr
    with running_api(earlier) as api:
        assert [
            (team["displayName"], team["platformName"], team["platformType"])
            for team in api.execute(TEAMS)["teams"]["nodes"]
        ] == [
            ("Telegram bot", "telegram", "PUBLIC"),
            ("Retired", "Telegram", "PRIVATE"),
            ("Ünïcode ✓", "Телеграм", "PRIVATE"),
            ("Broken", " broken ", "PRIVATE"),
            ("Marketing", "Internal-Marketing", "PRIVATE"),
        ]
        assert api.by(SECRET).execute(VIEWER) == {"viewer": {"kind": "TEAM", "name": SECRET[:12]}}
        assert api.by(SECOND_SECRET).execute(VIEWER) == {"viewer": {"kind": "TEAM", "name": SECOND_SECRET[:12]}}
        assert api.by(SECRET + "x").post(VIEWER).status_code == 401
        assert histories(api.execute(SESSIONS)) == {
            ("Internal-Marketing", "Internal-Marketing", "anna"): ["hello", "hi"],
            ("Телеграм", "Телеграм", "ü"): ["ü ✓"],
            ("telegram", None, "anna"): ["no team"],
            ("telegram", "telegram", ""): [""],
        }


def histories(data: dict[str, Any]) -> dict[tuple[str, str | None, str], list[str]]:
    """Give the messages of each session, in order."""
    return {
        (session["platform"], session["team"] and session["team"]["platformName"], session["userId"]): [
            message["content"] for message in session["messages"]["nodes"]
        ]
        for session in data["sessions"]["nodes"]
    }


def test_what_the_earlier_service_writes_afterwards_shows_up(tmp_path: Path, earlier: str) -> None:
    assert run("migrate", "--adopt", "--yes", directory=tmp_path, DATABASE_URL=earlier).returncode == 0
    with running_api(earlier) as api:
        api.execute(TEAMS)
        run_sql(earlier, *WORK_OF_ITS_OWN)
        teams = {team["platformName"]: team["displayName"] for team in api.execute(TEAMS)["teams"]["nodes"]}
        assert teams[" broken "] == "Renamed"
        assert teams["Internal-Sales"] == "Sales"
        sessions = histories(api.execute(SESSIONS))
        assert sessions["Internal-Marketing", "Internal-Marketing", "anna"] == ["hello", "hi", "and again"]
        assert sessions["telegram", "telegram", "newcomer"] == ["good day"]


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "what?\nno\n"])
def test_without_a_yes_nothing_is_changed(tmp_path: Path, earlier: str, answer: str) -> None:
    before = in_database(earlier, everything)
    done = run("migrate", "--adopt", directory=tmp_path, answers=answer, DATABASE_URL=earlier)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    plan, _, rest = done.stderr.partition("Go ahead? [y/N]:")
    assert f"is at revision {LATER} by its alembic_version" in plan
    assert rest.rstrip().endswith("Nothing was changed.")
    assert in_database(earlier, everything) == before


def test_a_yes_goes_ahead(tmp_path: Path, earlier: str) -> None:
    done = run("migrate", "--adopt", directory=tmp_path, answers="y\n", DATABASE_URL=earlier)
    assert done.returncode == 0, done
    again = run("migrate", "--adopt", directory=tmp_path, answers="", DATABASE_URL=earlier)
    assert again.returncode == 0, again
    assert "nothing to take over" in again.stderr


def test_ctrl_c_at_the_question_is_a_no(tmp_path: Path, earlier: str) -> None:
    before = in_database(earlier, everything)
    with adopting(tmp_path, earlier) as process:
        assert process.stderr is not None
        said = b""
        while b"Go ahead?" not in said:
            said += (character := process.stderr.read(1))
            assert character, said
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, rest
    assert b"Nothing was changed." in rest
    assert b"Traceback" not in rest
    assert in_database(earlier, everything) == before


def adopting(directory: Path, address: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start an adoption, with nothing typed in as long as it lasts."""
    return subprocess.Popen(  # noqa: S603 - the command is ours
        [*PROGRAM, "migrate", "--adopt", *arguments],
        cwd=directory,
        env=environment(DATABASE_URL=address),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def test_ctrl_c_in_the_middle_says_how_to_go_on(tmp_path: Path, earlier: str) -> None:
    run_sql(
        earlier,
        "DROP INDEX ix_messages_user_id",
        "ALTER TABLE messages ALTER created_at SET DEFAULT timezone('utc', now())",
    )
    interrupted = asyncio.run(_interrupt_the_index(tmp_path, earlier))
    assert interrupted[0] == 130, interrupted
    assert b"Interrupted. The same command goes on from here." in interrupted[1]
    assert b"Traceback" not in interrupted[1]

    done = run("migrate", "--adopt", "--yes", directory=tmp_path, DATABASE_URL=earlier)
    assert done.returncode == 0, done


async def _interrupt_the_index(directory: Path, address: str) -> tuple[int, bytes]:
    engine = create_async_engine(database_url(address), poolclass=NullPool)
    # The index cannot be finished while this transaction is open.
    async with engine.begin() as other:
        await other.exec_driver_sql("UPDATE messages SET content = content")
        process = await asyncio.to_thread(adopting, directory, address, "--yes")
        assert process.stderr is not None
        while b"build the index ix_messages_user_id on user_id \xe2\x80\xa6" not in await asyncio.to_thread(
            process.stderr.readline
        ):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, rest = await asyncio.to_thread(process.communicate, timeout=PATIENCE)
    await engine.dispose()
    return process.returncode, rest


def test_what_does_not_fit_is_listed_and_ends_the_command(tmp_path: Path, earlier: str) -> None:
    run_sql(earlier, "ALTER TABLE teams DROP COLUMN display_name", "DROP TABLE messages")
    before = in_database(earlier, everything)
    done = run("migrate", "--adopt", "--yes", directory=tmp_path, DATABASE_URL=earlier)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "  teams:\n    has no column display_name (character varying(255))\n" in done.stderr
    assert "  messages:\n    is missing\n" in done.stderr
    assert in_database(earlier, everything) == before


def test_without_adopt_a_later_revision_is_refused_and_the_one_described_is_not(tmp_path: Path, earlier: str) -> None:
    refused = run("migrate", directory=tmp_path, DATABASE_URL=earlier)
    assert refused.returncode == 1
    assert "python -m graphql_api migrate --adopt" in refused.stderr
    run_sql(earlier, f"UPDATE alembic_version SET version_num = '{DESCRIBED}'")  # noqa: S608 - a constant
    assert run("migrate", directory=tmp_path, DATABASE_URL=earlier).returncode == 0


def test_yes_without_a_question_is_a_mistake(tmp_path: Path, earlier: str) -> None:
    before = in_database(earlier, everything)
    done = run("migrate", "--yes", directory=tmp_path, DATABASE_URL=earlier)
    assert done.returncode == 2
    assert "--yes answers the question that --adopt asks" in done.stderr
    assert in_database(earlier, everything) == before
