"""Where a whole test run goes through PgBouncer, so do the processes that it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

from db.engine import database_url
from tests.api.processes import ADMIN_KEY, serving
from tests.pooled import pooled

if TYPE_CHECKING:
    from pathlib import Path


def test_a_server_in_a_process_of_its_own_is_connected_to_the_pooler(tmp_path: Path, migrated_database: str) -> None:
    """Without this, a run that says it goes through PgBouncer could pass without meeting it."""
    by_way_of_pooler = pooled(migrated_database)
    if by_way_of_pooler is None:
        pytest.skip("This run goes to PostgreSQL directly.")
    with serving(tmp_path, DATABASE_URL=migrated_database, SUPER_ADMIN_API_KEYS=f"ops:{ADMIN_KEY}") as server:
        server.execute("{ teams { totalCount } }")
        connections = psutil.Process(server.process.pid).net_connections("tcp")
        assert database_url(by_way_of_pooler).port in {each.raddr.port for each in connections if each.raddr}
