"""A database and a server for a whole module, where its tests only read."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from tests.conftest import in_database, run_sql
from tests.running_api import RunningApi, running_api

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def module_database(postgres_address: str, migrated_template: str) -> Iterator[str]:
    """The address of a migrated database of this module's own: whatever one test writes, the next one finds."""
    name = f"module_{uuid.uuid4().hex}"
    run_sql(postgres_address, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    yield in_database(postgres_address, name)
    run_sql(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def module_api(module_database: str) -> Iterator[RunningApi]:
    """A server over this module's database, seen by an administrator."""
    with running_api(module_database) as api:
        yield api
