"""Where the private PostgreSQL can work, and what it makes of what it finds there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.processes import run

if TYPE_CHECKING:
    from pathlib import Path


def test_a_path_with_white_space_is_refused_with_a_way_out(tmp_path: Path) -> None:
    refused = run("migrate", directory=tmp_path, EMBEDDED_POSTGRES_DIRECTORY=str(tmp_path / "my data" / "pg"))
    assert refused.returncode == 1
    assert "white space" in refused.stderr
    assert "EMBEDDED_POSTGRES_DIRECTORY" in refused.stderr
    assert not (tmp_path / "my data").exists()


@pytest.mark.parametrize("path", ["file/pg", "n" * 300, "~nobody-of-this-name/pg", "/"])
def test_a_path_that_cannot_be_is_refused_with_a_way_out(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    refused = run("migrate", directory=tmp_path, EMBEDDED_POSTGRES_DIRECTORY=path)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "EMBEDDED_POSTGRES_DIRECTORY" in refused.stderr


def test_a_damaged_list_of_processes_is_no_obstacle(tmp_path: Path, data_directory: Path) -> None:
    """A process that is killed while it writes the list leaves half of it."""
    address = {"EMBEDDED_POSTGRES_DIRECTORY": str(data_directory)}
    assert run("migrate", directory=tmp_path, **address).returncode == 0
    (data_directory / ".handle_pids.json").write_text("[12")
    assert run("migrate", directory=tmp_path, **address).returncode == 0
