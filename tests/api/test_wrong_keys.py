"""An address that sends wrong keys is slowed down; who shares it with a key that works is not."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from graphql_api import authentication
from graphql_api.authentication import Authenticator
from graphql_api.key_use import KeyUse
from graphql_api.settings import load_settings
from graphql_api.wrong_keys import TooManyWrongKeys, WrongKeys
from tests.api.processes import ADMIN_KEY, serving
from tests.api.raw_http import PATIENCE
from tests.running_api import INTERNAL_KEY, TELEGRAM_KEY, running_api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.running_api import RunningApi

PER_MINUTE = 5
WHO = "{ viewer { kind } }"
CREATE = """mutation ($name: String!) {
  createTeam(input: {displayName: $name, platformName: $name}) {
    ... on CreateTeamSuccess { issuedApiKey { secret apiKey { id } } }
  }
}"""
WRONG = "ak_" + "w" * 43


@pytest.fixture
def running(database: str) -> Iterator[RunningApi]:
    """A server that bears few wrong keys."""
    with running_api(database, wrong_keys_per_minute=PER_MINUTE) as api:
        yield api


def ask(api: RunningApi, key: str, address: str = "") -> httpx.Response:
    headers = {"X-Forwarded-For": address} if address else {}
    return api.by(key).post(WHO, None, **headers)


def use_up(api: RunningApi, address: str = "") -> None:
    assert [ask(api, f"{WRONG}{number}", address).status_code for number in range(PER_MINUTE)] == [401] * PER_MINUTE


def test_too_many_wrong_keys_are_not_looked_at(running: RunningApi) -> None:
    use_up(running)
    with running.counted() as statements:
        response = ask(running, WRONG)
    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 60 / PER_MINUTE
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "TOO_MANY_REQUESTS"}
    assert statements == []


def test_neighbours_at_the_same_address_go_on(running: RunningApi) -> None:
    """Keys of the process are known without the database, and a team's by having worked."""
    before = running.execute(CREATE, {"name": "before"})["createTeam"]["issuedApiKey"]["secret"]
    after = running.execute(CREATE, {"name": "after"})["createTeam"]["issuedApiKey"]["secret"]
    assert ask(running, before).status_code == 200
    use_up(running)
    assert ask(running, WRONG).status_code == 429
    for key in (running.key, TELEGRAM_KEY, INTERNAL_KEY, before):
        assert ask(running, key).status_code == 200
    assert ask(running, after).status_code == 429, "it may be anything, until somebody looks"
    assert ask(running, after, "192.0.2.1").status_code == 200
    assert ask(running, after).status_code == 200


def test_the_memory_of_working_keys_is_bounded(running: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that worked longest ago is one that nobody knows again."""
    monkeypatch.setattr(authentication, "WORKING_KEYS_MAXIMUM", 2)
    keys = [running.execute(CREATE, {"name": name})["createTeam"]["issuedApiKey"]["secret"] for name in "abc"]
    assert [ask(running, key).status_code for key in keys] == [200, 200, 200]
    use_up(running)
    assert [ask(running, key).status_code for key in keys] == [429, 200, 200]


def test_a_key_that_worked_and_does_not_any_more_is_looked_at_once(running: RunningApi) -> None:
    issued = running.execute(CREATE, {"name": "revoked"})["createTeam"]["issuedApiKey"]
    assert ask(running, issued["secret"]).status_code == 200
    revoke = "mutation ($id: ID!) { revokeApiKey(input: {id: $id}) { __typename } }"
    running.execute(revoke, {"id": issued["apiKey"]["id"]})
    use_up(running)
    assert [ask(running, issued["secret"]).status_code for _ in range(2)] == [401, 429]


@pytest.mark.parametrize("key", ["mistyped", WRONG, "no key of ours"])
def test_every_wrong_key_counts(running: RunningApi, key: str) -> None:
    if key == "mistyped":
        key = running.execute(CREATE, {"name": "a"})["createTeam"]["issuedApiKey"]["secret"][:-1] + "-"
    assert [ask(running, key).status_code for _ in range(PER_MINUTE + 1)] == [401] * PER_MINUTE + [429]


def test_a_burst_is_paid_for(running: RunningApi) -> None:
    """All keys that come at once are looked at before the first is known to be wrong."""
    burst = 4 * PER_MINUTE
    with ThreadPoolExecutor(burst) as threads:
        statuses = list(threads.map(lambda number: ask(running, f"{WRONG}{number}").status_code, range(burst)))
    looked_at = statuses.count(401)
    assert looked_at >= PER_MINUTE
    owed = looked_at - PER_MINUTE
    response = ask(running, WRONG)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) >= owed * 60 / PER_MINUTE


async def test_whoever_leaves_before_the_answer_counts() -> None:
    """A caller that closes its connection at once would have keys looked at for nothing."""
    looked_up = asyncio.Event()

    class Slow:
        async def rows(self, *_: object, **__: object) -> None:
            looked_up.set()
            await asyncio.Event().wait()

    wrong = WrongKeys(1)
    authenticator = Authenticator(load_settings(), Slow(), KeyUse(Slow()), wrong)  # type: ignore[arg-type] # a database that never answers
    asking = asyncio.create_task(authenticator.viewer(f"Bearer {WRONG}".encode(), "192.0.2.1"))
    async with asyncio.timeout(PATIENCE):
        await looked_up.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(TooManyWrongKeys):
        wrong.require_patience("192.0.2.1")


def test_no_key_is_no_wrong_key(running: RunningApi) -> None:
    """It is not looked up, and browsers and health checks send none."""
    for _ in range(PER_MINUTE * 2):
        assert running.client.post(f"{running.address}/graphql", json={"query": WHO}).status_code == 401
    assert ask(running, WRONG).status_code == 401


def test_each_address_is_counted_by_itself(running: RunningApi) -> None:
    use_up(running, "192.0.2.1")
    assert ask(running, WRONG, "192.0.2.1").status_code == 429
    assert ask(running, WRONG, "192.0.2.2").status_code == 401
    assert ask(running, WRONG, "198.51.100.7, 192.0.2.1").status_code == 429, "the proxy adds its caller at the end"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1:5001", "192.0.2.1:5002"),
        ("192.0.2.1:5001", "192.0.2.1"),
        ("[2001:db8::1]:5001", "2001:db8::2"),
        ("[2001:db8::1]", "2001:db8::2"),
        ("unknown", "_hidden"),
    ],
)
def test_a_port_is_no_part_of_an_address(running: RunningApi, one: str, other: str) -> None:
    """Some proxies send it along. Each would count for itself, or all of them together as one that nobody knows."""
    use_up(running, one)
    assert ask(running, WRONG, other).status_code == 429
    assert ask(running, WRONG, "192.0.2.2:5001").status_code == 401
    assert ask(running, WRONG, "[2001:db8:0:1::1]:5001").status_code == 401


def test_whom_nobody_trusts_cannot_choose_its_address(database: str) -> None:
    with running_api(database, wrong_keys_per_minute=PER_MINUTE, forwarded_allow_ips=("192.0.2.200",)) as api:
        statuses = [ask(api, WRONG, f"192.0.2.{number}").status_code for number in range(PER_MINUTE + 1)]
    assert statuses == [401] * PER_MINUTE + [429]


def test_serve_trusts_its_proxies_and_logs_whom_it_slows_down_once(tmp_path: Path, migrated_database: str) -> None:
    settings = {"WRONG_KEYS_PER_MINUTE": str(PER_MINUTE), "FORWARDED_ALLOW_IPS": "127.0.0.0/8", "LOG_FORMAT": "json"}
    keys = f"ops:{ADMIN_KEY}"
    with serving(tmp_path, DATABASE_URL=migrated_database, SUPER_ADMIN_API_KEYS=keys, **settings) as server:
        for address in ("192.0.2.1", "192.0.2.2"):
            for _ in range(PER_MINUTE + 3):
                headers = {"Authorization": f"Bearer {WRONG}", "X-Forwarded-For": address}
                response = httpx.post(f"{server.address}/graphql", json={"query": WHO}, headers=headers)
            assert response.status_code == 429
        warnings = [line for line in server.said.splitlines() if "slowed down" in line]
        assert len(warnings) == 2
        for line, address in zip(warnings, ("192.0.2.1", "192.0.2.2"), strict=True):
            assert address in line
            assert json.loads(line)["level"] == "warning"
        assert WRONG not in server.said


async def test_many_at_once_are_bounded_as_well(running: RunningApi) -> None:
    """All of them may be looked at before the first is known to be wrong; those after them are not."""
    await asyncio.gather(*(asyncio.to_thread(ask, running, f"{WRONG}{number}") for number in range(20)))
    assert ask(running, WRONG).status_code == 429
