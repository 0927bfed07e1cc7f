"""The command line: help that suffices, refusals that say what to do, and nothing begun where something is wrong."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from graphql_api.__main__ import main
from migrations.runner import head_revision, revisions
from tests.api.processes import ADMIN_KEY, ROOT, run, serving
from tests.conftest import run_sql

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

ADMIN = f"ops:{ADMIN_KEY}"


@pytest.mark.parametrize(
    ("command", "mentioned"),
    [
        ((), ("serve", "migrate", "seed", "export-schema", ".env")),
        (("serve",), ("DATABASE_URL", "SUPER_ADMIN_API_KEYS", "migrated", "local trial", "--port", "--workers")),
        (("migrate",), ("DATABASE_URL", "again", "private PostgreSQL", "--adopt", "--yes", "earlier service")),
        (("seed",), ("DATABASE_URL",)),
        (("export-schema",), ("--output", "no database")),
    ],
)
def test_help_says_what_is_needed(command: tuple[str, ...], mentioned: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, [*command, "--help"])
    assert done.exit_code == 0
    told = " ".join(done.stdout.split())
    assert [word for word in mentioned if word not in told] == []


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """What a command said that ended with exit code 1: sentences, no traceback."""
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr, done.stderr
    assert "Error: " in done.stderr
    return done.stderr


def test_a_database_without_an_administrator_is_not_served(tmp_path: Path, migrated_database: str) -> None:
    """Nobody could administer it, and a key made up in its place would be shown to whoever reads the log."""
    said = refused(run("serve", directory=tmp_path, DATABASE_URL=migrated_database))
    assert "SUPER_ADMIN_API_KEYS" in said


@pytest.mark.parametrize("revision", [None, revisions()[-2]])
def test_a_database_that_is_not_migrated_is_not_served(
    tmp_path: Path, fresh_database: str, migrated_database: str, revision: str | None
) -> None:
    if revision:
        run_sql(migrated_database, f"UPDATE platform_config_alembic_version SET version_num = '{revision}'")  # noqa: S608
    address = migrated_database if revision else fresh_database
    said = refused(run("serve", "--port", "0", directory=tmp_path, DATABASE_URL=address, SUPER_ADMIN_API_KEYS=ADMIN))
    assert "python -m graphql_api migrate" in said
    assert len(said.splitlines()) == 1, "one sentence, and nothing of what was done to find out"


def test_migrate_makes_it_servable_and_may_be_repeated(tmp_path: Path, fresh_database: str) -> None:
    first, second = (run("migrate", directory=tmp_path, DATABASE_URL=fresh_database) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert head_revision() in first.stderr
    assert "nothing to do" in second.stderr
    with serving(tmp_path, DATABASE_URL=fresh_database, SUPER_ADMIN_API_KEYS=ADMIN) as server:
        assert server.get("/readyz").status_code == 200
        assert server.execute("{ viewer { name kind } }") == {"viewer": {"name": "ops", "kind": "ADMIN"}}
        assert server.line("Admin key") == "", "the operator's own key is not shown"
        assert ADMIN_KEY not in server.said


def test_a_database_migrated_by_a_later_release_is_served(tmp_path: Path, migrated_database: str) -> None:
    """In a rolling upgrade migrations go first, and the old release serves until it is replaced."""
    run_sql(migrated_database, "UPDATE platform_config_alembic_version SET version_num = 'ffffffffffff'")
    with serving(tmp_path, DATABASE_URL=migrated_database, SUPER_ADMIN_API_KEYS=ADMIN) as server:
        assert server.get("/readyz").status_code == 200
        assert server.execute("{ teams { totalCount } }") == {"teams": {"totalCount": 0}}


def test_a_port_in_use_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(run("serve", "--port", str(port), directory=tmp_path))
    assert f"Port {port}" in said
    assert "--port" in said
    assert "Admin key" not in said
    assert list(tmp_path.iterdir()) == [], "no data directory was made"


def test_a_local_trial_listens_on_loopback_only(tmp_path: Path) -> None:
    """Its key is in the scrollback of a terminal; nobody else may knock."""
    said = refused(run("serve", "--host", "0.0.0.0", "--port", "0", directory=tmp_path))  # noqa: S104 - it is refused
    assert "loopback" in said
    assert "0.0.0.0" in said  # noqa: S104 - see above
    assert list(tmp_path.iterdir()) == []


def test_settings_that_cannot_be_used_end_a_command(tmp_path: Path) -> None:
    said = refused(run("serve", directory=tmp_path, TELEGRAM_RATE_LIMIT="0", LOG_LEVEL="loud"))
    assert "TELEGRAM_RATE_LIMIT" in said
    assert "LOG_LEVEL" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [("--nope",), ("nope",), ("serve", "--port", "65536"), ("serve", "--workers", "0")]
)
def test_a_mistyped_command_has_an_exit_code_of_its_own(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "Usage: " in done.stderr


@pytest.mark.parametrize(
    ("user", "database", "query"),
    [("postgres", "nowhere", ""), ("nobody", "postgres", ""), ("postgres", "postgres", "&channel_binding=prefer")],
    ids=["no such database", "no such user", "a parameter that the driver does not know"],
)
def test_an_address_that_leads_nowhere_is_explained(
    tmp_path: Path, postgres_address: str, user: str, database: str, query: str
) -> None:
    """A slip in DATABASE_URL is the operator's first hurdle: a sentence, no traceback, and no password."""
    host = postgres_address.partition("?")[2]
    done = run("migrate", directory=tmp_path, DATABASE_URL=f"postgresql://{user}:s3cr3t@/{database}?{host}{query}")
    assert "s3cr3t" not in done.stderr
    refused(done)


def test_a_database_that_is_down_is_explained_by_migrate(tmp_path: Path) -> None:
    with socket.socket() as closed:
        # Bound and not listening: nobody else can take the port, and nobody answers.
        closed.bind(("127.0.0.1", 0))
        address = f"postgresql://user:s3cr3t@127.0.0.1:{closed.getsockname()[1]}/database"
        said = refused(run("migrate", directory=tmp_path, DATABASE_URL=address))
    assert "cannot be reached" in said
    assert "s3cr3t" not in said


def test_the_exported_schema_is_the_committed_one(tmp_path: Path) -> None:
    """Code generators take it from here, reviews from the repository."""
    committed = (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")
    printed = run("export-schema", directory=tmp_path)
    file = tmp_path / "out.graphql"
    written = CliRunner().invoke(main, ["export-schema", "--output", str(file)])
    assert (printed.returncode, printed.stderr) == (0, "")
    assert (written.exit_code, written.output) == (0, "")
    assert printed.stdout == committed
    assert file.read_text(encoding="utf-8") == committed
