"""The way to the database is cut, blocked, frozen, slow or garbles what it carries."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.processes import ADMIN_KEY, serving, wait_for
from tests.faults.requests import CREATE, DEEP, TEAMS, assert_back, assert_unavailable, is_served, timed
from tests.faults.stored_teams import teams, trail
from tests.running_api import running_api

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.proxy import Proxy
    from tests.running_api import RunningApi


def ask(api: RunningApi, path: str) -> httpx.Response:
    return api.client.get(api.address + path)


def fill_pool(api: RunningApi) -> None:
    """Have all connections of the pool opened."""
    with ThreadPoolExecutor(10) as threads:
        assert {response.status_code for response in threads.map(api.post, [DEEP] * 30)} == {200}


def assert_nothing_is_held(api: RunningApi) -> None:
    """Whatever was given up gave its place in the pool back."""
    pool: Any = api.engine.pool
    wait_for(lambda: pool.checkedout() == 0, "all connections to be given back", patience=15)


@pytest.mark.parametrize("first", [TEAMS, DEEP, CREATE, "/readyz"])
def test_no_request_meets_a_connection_that_was_cut_before(api: RunningApi, proxy: Proxy, first: str) -> None:
    """After a restart or a failover every connection of the pool is broken."""
    fill_pool(api)
    assert proxy.cut() > 2, "otherwise this tests nothing"
    answer = ask(api, first) if first == "/readyz" else api.post(first, {"name": "a"} if first == CREATE else None)
    assert answer.status_code == 200, answer.text
    assert "errors" not in answer.json()
    with ThreadPoolExecutor(10) as threads:
        assert {response.status_code for response in threads.map(api.post, [DEEP] * 30)} == {200}


def test_all_at_once_meet_connections_that_were_cut_before(api: RunningApi, proxy: Proxy) -> None:
    fill_pool(api)
    assert proxy.cut() > 2
    with ThreadPoolExecutor(10) as threads:
        assert {response.status_code for response in threads.map(api.post, [TEAMS] * 30)} == {200}


def test_a_database_that_refuses_connections(api: RunningApi, proxy: Proxy) -> None:
    api.execute(TEAMS)
    proxy.refuse()
    for document in (TEAMS, DEEP, CREATE):
        assert_unavailable(timed(api, document, {"name": "a"} if document == CREATE else None))
    assert_unavailable(timed(api.by("ak_unknown"), TEAMS))
    assert ask(api, "/readyz").status_code == 503
    assert ask(api, "/livez").status_code == 200
    proxy.accept()
    assert ask(api, "/readyz").status_code == 200
    assert is_served(api), "/readyz said so"


@pytest.mark.parametrize("opened", [True, False], ids=["open connections", "no connection yet"])
def test_a_database_that_freezes(api: RunningApi, proxy: Proxy, opened: bool) -> None:  # noqa: FBT001 - a case
    """Nothing is refused and nothing is answered: whoever waits is told so in time, whatever it waits for."""
    if opened:
        fill_pool(api)
    proxy.freeze()
    team_key = api.by("ak_unknown")
    with ThreadPoolExecutor(30) as threads:
        answers = [threads.submit(timed, api, document) for document in (TEAMS, DEEP) for _ in range(8)]
        answers += [threads.submit(timed, api, CREATE, {"name": str(number)}) for number in range(8)]
        answers += [threads.submit(timed, team_key, TEAMS) for _ in range(4)]
        assert ask(api, "/livez").status_code == 200
        ready = ask(api, "/readyz")
    assert (ready.status_code, ready.elapsed.total_seconds() < 5) == (503, True)
    for answer in answers:
        assert_unavailable(answer.result())
    # From now on it is known.
    assert timed(api, TEAMS).seconds < 2
    assert ask(api, "/readyz").elapsed.total_seconds() < 2
    assert api.post("{ viewer { name } }").status_code == 200, "needs no database"

    proxy.thaw()
    assert_back(api)
    assert ask(api, "/readyz").status_code == 200
    fill_pool(api)
    assert_nothing_is_held(api)


def test_a_database_that_freezes_under_requests(api: RunningApi, proxy: Proxy) -> None:
    """Some statements are under way, some connections being made, some requests between two of their levels."""
    fill_pool(api)
    proxy.delay(0.02)
    with ThreadPoolExecutor(20) as threads:
        answers = [threads.submit(timed, api, DEEP) for _ in range(40)]
        wait_for(lambda: any(answer.done() for answer in answers), "the first answer")
        proxy.freeze()
        for answer in answers:
            if answer.result().response.status_code != 200:
                assert_unavailable(answer.result())
    assert answers[-1].result().response.status_code == 503
    proxy.thaw()
    proxy.delay(0)
    assert_back(api)
    assert_nothing_is_held(api)


def test_a_short_freeze_is_waited_out(api: RunningApi, proxy: Proxy) -> None:
    fill_pool(api)
    proxy.freeze()
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(api.post, TEAMS)
        time.sleep(0.5)  # the fault itself
        proxy.thaw()
        assert answer.result().status_code == 200


def test_a_slow_network_is_none_that_is_down(api: RunningApi, proxy: Proxy) -> None:
    proxy.delay(0.05)
    api.execute(DEEP)
    api.execute(CREATE, {"name": "slow"})
    assert ask(api, "/readyz").status_code == 200


@pytest.mark.parametrize("document", [TEAMS, DEEP, CREATE], ids=["one level", "several levels", "change"])
def test_a_request_that_is_stopped_does_not_wait_for_its_connection(proxy: Proxy, document: str) -> None:
    """To close it takes two seconds where nobody answers, and the caller has been kept waiting for long enough."""
    with running_api(proxy.address, database_pool_size=2, http_request_seconds=1) as api:
        fill_pool(api)
        proxy.lose_answers_of_open_connections()
        answer = timed(api, document, {"name": "a"} if document == CREATE else None)
        assert answer.response.status_code == 504
        assert 1 <= answer.seconds < 2


def test_a_network_that_garbles(tmp_path: Path, migrated_database: str, proxy: Proxy) -> None:
    """Whatever the driver makes of it, and be it the end of a worker, nothing of it stays behind."""
    settings = {"DATABASE_URL": proxy.address, "SUPER_ADMIN_API_KEYS": f"ops:{ADMIN_KEY}"}
    with serving(tmp_path, "--workers", "2", **settings) as server:

        def ask_for_teams(_: int) -> int:
            try:
                return server.post(TEAMS).status_code
            except httpx.TransportError:
                return 0

        assert ask_for_teams(0) == 200
        proxy.garble(seed=1)
        with ThreadPoolExecutor(10) as threads:
            answers = [threads.submit(ask_for_teams, number) for number in range(60)]
            wait_for(lambda: sum(answer.done() for answer in answers) >= 20, "some answers")
            proxy.garble(None)
            # Some wait for the rest of what seems to be a long answer.
            proxy.cut()
            assert {answer.result() for answer in answers} <= {0, 200, 503}
        wait_for(lambda: {ask_for_teams(number) for number in range(8)} == {200}, "both workers to serve")
        for number in range(5):
            server.execute(CREATE, {"name": f"after {number}"})
    assert teams(migrated_database) == trail(migrated_database) == [f"after {number}" for number in range(5)]
