"""Health: an orchestrator restarts by /livez and routes by /readyz, so each may say only what it knows."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from migrations.runner import head_revision, revisions
from tests.conftest import in_database, run_sql
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.running_api import RunningApi


@pytest.fixture
def nowhere() -> Iterator[str]:
    """The address of a database that is down."""
    with socket.socket() as closed:
        # Bound and not listening: nobody else can take the port, and nobody answers.
        closed.bind(("127.0.0.1", 0))
        yield f"postgresql://user:s3cr3t@127.0.0.1:{closed.getsockname()[1]}/database"


def ask(api: RunningApi, path: str) -> httpx.Response:
    return api.client.get(api.address + path)


def test_a_server_that_can_serve_is_ready(api: RunningApi) -> None:
    response = ask(api, "/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "migrations": "ok"}


def test_liveness_does_not_touch_the_database(api: RunningApi) -> None:
    """A restart mends no database, and all processes at once would be restarted."""
    with api.counted() as statements:
        response = ask(api, "/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert statements == []


def test_a_server_whose_database_is_down_lives_and_is_not_ready(nowhere: str) -> None:
    with running_api(nowhere) as api:
        assert ask(api, "/livez").status_code == 200
        response = ask(api, "/readyz")
        assert (response.status_code, response.json()["status"]) == (503, "unavailable")
        assert response.json()["database"] != "ok"
        assert "s3cr3t" not in response.text
        answer = api.post("{ teams { totalCount } }")
        assert answer.status_code == 503
        assert api.post("{ viewer { name } }").json()["data"] == {"viewer": {"name": "tester"}}, "needs no database"


def test_a_server_whose_database_is_gone_lives_and_is_not_ready(postgres_address: str) -> None:
    """Dropped, renamed or not restored yet: PostgreSQL answers, the database does not."""
    with running_api(in_database(postgres_address, "no_such_database")) as api:
        assert ask(api, "/livez").status_code == 200
        assert ask(api, "/readyz").status_code == 503
        answer = api.post("{ teams { totalCount } }")
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert api.by("ak_unknown").post("{ viewer { name } }").status_code == 503


def test_a_database_that_is_not_migrated_is_not_ready(fresh_database: str) -> None:
    with running_api(fresh_database) as api:
        response = ask(api, "/readyz")
        assert response.status_code == 503
        assert "python -m graphql_api migrate" in response.json()["migrations"]
        assert response.json()["database"] == "ok"
        assert api.post("{ teams { totalCount } }").status_code == 503, "the tables are not there"


@pytest.mark.parametrize(
    ("revision", "status"),
    [(revisions()[-2], 503), (revisions()[0], 503), ("ffffffffffff", 200), (head_revision(), 200)],
)
def test_readiness_follows_the_revision_of_the_database(migrated_database: str, revision: str, status: int) -> None:
    """Behind: wait for the migration. Ahead: a later release went first, and this one serves on."""
    run_sql(migrated_database, f"UPDATE platform_config_alembic_version SET version_num = '{revision}'")  # noqa: S608
    with running_api(migrated_database) as api:
        response = ask(api, "/readyz")
        assert response.status_code == status
        if status == 503:
            assert revision in response.json()["migrations"]
            run_sql(migrated_database, f"UPDATE platform_config_alembic_version SET version_num = '{head_revision()}'")  # noqa: S608
            assert ask(api, "/readyz").status_code == 200, "it notices the migration without a restart"


def test_however_many_ask_whether_it_is_ready_one_connection_is_taken(api: RunningApi) -> None:
    """Nobody needs a key to ask, and so nobody may take by it what requests need."""
    taken = most = 0

    def count(change: int) -> None:
        nonlocal taken, most
        taken += change
        most = max(most, taken)

    def check_out(*_: object) -> None:
        count(1)

    def check_in(*_: object) -> None:
        count(-1)

    event.listen(api.engine, "checkout", check_out)
    event.listen(api.engine, "checkin", check_in)
    try:
        with ThreadPoolExecutor(30) as threads:
            answers = list(threads.map(lambda _: ask(api, "/readyz").status_code, range(90)))
    finally:
        event.remove(api.engine, "checkout", check_out)
        event.remove(api.engine, "checkin", check_in)
    assert (set(answers), most) == ({200}, 1)
