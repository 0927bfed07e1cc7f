"""Places for processes to work in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.api.processes import postgres_on
from tests.api.runtime_calls import TwoServers, two_servers

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def data_directory() -> Iterator[Path]:
    """Where a private PostgreSQL may keep its data; none works there afterwards."""
    # Short, because the path of a socket has to be.
    parent = Path(tempfile.mkdtemp(prefix="pc-"))
    data = parent / "data"
    yield data
    left = postgres_on(data)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=20)
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture(scope="module")
def running_servers(tmp_path_factory: pytest.TempPathFactory, module_database: str) -> Iterator[TwoServers]:
    """Two processes on a database of this module's own; each test makes a team or names users of its own."""
    with two_servers(tmp_path_factory.mktemp("servers"), module_database) as both:
        yield both


@pytest.fixture
def servers(running_servers: TwoServers) -> Iterator[TwoServers]:
    """Both processes; whatever a test is about, neither may meet what it did not foresee."""
    yield running_servers
    running_servers.assert_no_defect()
