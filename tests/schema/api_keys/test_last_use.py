"""When a key was last used: written in the background, at most once a minute, and never in a request's way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from tests.api.processes import wait_for
from tests.conftest import run_sql
from tests.schema.api_keys.test_keys_that_work import works
from tests.schema.teams.documents import create, run
from tests.schema.teams.rows import row_id, value

if TYPE_CHECKING:
    from tests.running_api import RunningApi

WHO = "{ viewer { name } }"
LAST_USED_AT = "query ($id: ID!) { node(id: $id) { ... on ApiKey { lastUsedAt } } }"


@pytest.fixture
def issued(api: RunningApi, database: str) -> dict[str, Any]:
    """The first key of a team, with its secret.

    Its id is none that an earlier test had: a use that was left to be written must not pass for one of this key.
    """
    run_sql(database, "SELECT setval('api_keys_id_seq', (random() * 1000000000)::bigint + 1)")
    issued: dict[str, Any] = create(api)["issuedApiKey"]
    return issued


def last_use(api: RunningApi, issued: dict[str, Any]) -> datetime | None:
    """Read when a key was last used, as an administrator."""
    shown = api.execute(LAST_USED_AT, {"id": issued["apiKey"]["id"]})["node"]["lastUsedAt"]
    return None if shown is None else datetime.fromisoformat(shown)


def pretend(database: str, ago: timedelta) -> datetime:
    """Have the last use of every key lie back."""
    moment = datetime.now(UTC) - ago
    run_sql(database, f"UPDATE api_keys SET last_used_at = '{moment.replace(tzinfo=None)}'")  # noqa: S608 - ours
    return moment


def test_the_first_use_is_noted_though_nobody_waits_for_it(api: RunningApi, issued: dict[str, Any]) -> None:
    other = create(api, "other")["issuedApiKey"]
    assert last_use(api, issued) is None
    before = datetime.now(UTC)
    api.by(issued["secret"]).execute(WHO)
    noted = wait_for(lambda: last_use(api, issued), "the first use to be noted")
    assert noted is not None
    assert before - timedelta(seconds=1) < noted < datetime.now(UTC) + timedelta(seconds=1)
    assert last_use(api, other) is None


def test_a_use_more_than_a_minute_later_is_noted(api: RunningApi, database: str, issued: dict[str, Any]) -> None:
    before = pretend(database, timedelta(seconds=61))
    api.by(issued["secret"]).execute(WHO)
    wait_for(lambda: last_use(api, issued) != before, "the use to be noted")


def test_within_the_minute_nothing_is_written(api: RunningApi, database: str, issued: dict[str, Any]) -> None:
    """The use of another key is written after all of these would have been."""
    other = create(api, "other")["issuedApiKey"]
    before = pretend(database, timedelta(0))
    run_sql(database, f"UPDATE api_keys SET last_used_at = NULL WHERE id = {row_id(other['apiKey']['id'])}")  # noqa: S608 - a number of ours
    with api.counted() as statements:
        for _ in range(5):
            api.by(issued["secret"]).execute(WHO)
        api.by(other["secret"]).execute(WHO)
        wait_for(lambda: last_use(api, other), "the other key's use to be noted")
    assert last_use(api, issued) == before
    assert sum(statement.startswith("UPDATE") for statement in statements) == 1


def test_the_use_of_the_old_secret_is_a_use_of_the_key(api: RunningApi, issued: dict[str, Any]) -> None:
    run(api, "rotateApiKey", id=issued["apiKey"]["id"], overlapSeconds=600)
    api.by(issued["secret"]).execute(WHO)
    wait_for(lambda: last_use(api, issued), "the use to be noted")


def test_a_refused_key_is_not_used(api: RunningApi, issued: dict[str, Any]) -> None:
    other = create(api, "other")["issuedApiKey"]
    run(api, "revokeApiKey", id=issued["apiKey"]["id"])
    assert not works(api, issued["secret"])
    api.by(other["secret"]).execute(WHO)
    wait_for(lambda: last_use(api, other), "the other key's use to be noted")
    assert last_use(api, issued) is None


@pytest.mark.parametrize("lock", ["UPDATE", "NO KEY UPDATE", "SHARE"])
def test_a_key_that_another_program_holds_delays_no_request(
    api: RunningApi, database: str, issued: dict[str, Any], lock: str
) -> None:
    """All are answered while it is held, and nobody waits for it; the next use is noted."""
    ours = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'platform-config-api' AND wait_event_type = 'Lock'"
    )
    with asyncio.Runner() as runner:
        holder = runner.run(asyncpg.connect(database))
        try:
            runner.run(holder.execute(f"BEGIN; SELECT FROM api_keys FOR {lock}"))
            for _ in range(10):
                api.by(issued["secret"]).execute(WHO)
                assert value(database, ours) == 0
            assert last_use(api, issued) is None
        finally:
            runner.run(holder.close())

    def used_again() -> datetime | None:
        api.by(issued["secret"]).execute(WHO)
        return last_use(api, issued)

    wait_for(used_again, "the next use to be noted")


def test_a_use_that_cannot_be_written_fails_no_request(api: RunningApi, database: str, issued: dict[str, Any]) -> None:
    """A constraint of the earlier service, say; the next use is noted all the same."""
    run_sql(database, "ALTER TABLE api_keys ADD CONSTRAINT theirs CHECK (last_used_at IS NULL)")
    try:
        for _ in range(5):
            api.by(issued["secret"]).execute(WHO)
    finally:
        run_sql(database, "ALTER TABLE api_keys DROP CONSTRAINT theirs")

    def used_again() -> datetime | None:
        api.by(issued["secret"]).execute(WHO)
        return last_use(api, issued)

    wait_for(used_again, "the next use to be noted")
