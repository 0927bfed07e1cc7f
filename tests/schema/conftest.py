"""A server for a whole module, where its tests only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.running_api import RunningApi, running_api

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def module_api(module_database: str) -> Iterator[RunningApi]:
    """A server over this module's database, seen by an administrator."""
    with running_api(module_database) as api:
        yield api
