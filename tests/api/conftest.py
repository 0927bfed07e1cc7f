"""Places for processes to work in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.api.processes import postgres_on

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
