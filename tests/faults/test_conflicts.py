"""PostgreSQL ends a transaction for the sake of another: the command is done again as a whole, a few times."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from domain.api_key import digest
from schema.build import build_schema
from tests.api.processes import fetch, wait_for
from tests.conftest import run_sql
from tests.faults.requests import CREATE, assert_unavailable, timed
from tests.running_api import running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

WRITTEN = ("teams", "api_keys", "chat_sessions", "messages", "usage_logs", "admission_windows")
FAIL = """
    CREATE SEQUENCE attempts;
    CREATE TABLE failing (attempts int NOT NULL);
    INSERT INTO failing VALUES (0);
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT attempts FROM failing) > 0 AND nextval('attempts') <= (SELECT attempts FROM failing) THEN
            -- A serialization failure, and then a deadlock.
            RAISE EXCEPTION 'in the way'
                USING ERRCODE = CASE currval('attempts') % 2 WHEN 1 THEN '40001' ELSE '40P01' END;
        END IF;
        RETURN NULL;
    END $$
"""
MUTATIONS = {
    "createTeam": 'createTeam(input: {displayName: "a", platformName: "a"})'
    " { ... on CreateTeamSuccess { team { id } issuedApiKey { secret apiKey { id } } } }",
    "updateTeam": "updateTeam(input: {id: $team, dailyQuota: 7}) { ... on UpdateTeamSuccess { team { revision } } }",
    "updateTeamOverrides": "updateTeamOverrides(input: {id: $team, overrides: {rateLimit: 7}})"
    " { ... on UpdateTeamOverridesSuccess { team { revision } } }",
    "issueApiKey": 'issueApiKey(input: {teamId: $team, name: "second"})'
    " { ... on IssueApiKeySuccess { issuedApiKey { secret } } }",
    "openSession": 'openSession(input: {teamId: $team, userId: "u"})'
    " { ... on OpenSessionSuccess { created session { id } } }",
    "admitRequest": "admitRequest(input: {sessionId: $session})"
    " { ... on AdmitRequestSuccess { admission { bindingLimit { used } } } }",
    "appendMessages": 'appendMessages(input: {sessionId: $session, messages: [{role: USER, content: "x"}]})'
    " { ... on AppendMessagesSuccess { messages { id } } }",
    "recordUsage": 'recordUsage(input: {sessionId: $session, model: "m", success: true})'
    " { ... on RecordUsageSuccess { quota { daily { used } } } }",
    "switchSessionModel": 'switchSessionModel(input: {sessionId: $session, model: "openai/gpt-4.1"})'
    " { ... on SwitchSessionModelSuccess { session { currentModel } } }",
    "clearSessionHistory": "clearSessionHistory(input: {sessionId: $session})"
    " { ... on ClearSessionHistorySuccess { clearedMessages } }",
    "closeSession": "closeSession(input: {sessionId: $session}) { ... on CloseSessionSuccess { closedSessionId } }",
    "rotateApiKey": "rotateApiKey(input: {id: $key}) { ... on RotateApiKeySuccess { issuedApiKey { secret } } }",
    "revokeApiKey": "revokeApiKey(input: {id: $key}) { ... on RevokeApiKeySuccess { apiKey { isActive } } }",
    "deleteTeam": "deleteTeam(input: {id: $team, force: true}) { ... on DeleteTeamSuccess { deletedTeamId } }",
}
"""In an order in which each can follow the one before."""

LEAVE_A_TRAIL = {"createTeam", "updateTeam", "updateTeamOverrides", "deleteTeam"}


@pytest.fixture
def failing(migrated_database: str) -> Iterator[tuple[RunningApi, str]]:
    """A server on a database whose transactions can be told to fail, and the database."""
    run_sql(
        migrated_database,
        FAIL,
        *(
            f"CREATE TRIGGER fail BEFORE INSERT OR UPDATE OR DELETE ON {table} EXECUTE FUNCTION fail()"
            for table in WRITTEN
        ),
    )
    with running_api(migrated_database) as api:
        yield api, migrated_database


def fail_next(database: str, attempts: int) -> None:
    run_sql(database, f"UPDATE failing SET attempts = {attempts}", "ALTER SEQUENCE attempts RESTART")  # noqa: S608


def document(mutation: str, ids: dict[str, str]) -> str:
    text = MUTATIONS[mutation]
    declared = ", ".join(f"${name}: ID!" for name in ids if f"${name}" in text)
    return f"mutation {f'({declared})' if declared else ''} {{ {text} }}"


def rows(database: str) -> dict[str, Any]:
    """How many rows each table has, and what the teams and sessions hold."""
    counts = " UNION ALL ".join(
        f"SELECT '{table}', count(*)::text FROM {table}"  # noqa: S608 - names from here
        for table in (*WRITTEN, "team_revisions")
    )
    states = "".join(
        f" UNION ALL SELECT '{table} ' || id, {table}::text FROM {table}"  # noqa: S608 - names from here
        for table in WRITTEN[:3]
    )
    return dict(asyncio.run(fetch(database, counts + states)))


def test_each_mutation_is_repeated_as_a_whole_and_in_the_end_given_up(failing: tuple[RunningApi, str]) -> None:
    api, database = failing
    assert sorted(MUTATIONS) == sorted(build_schema()._schema.mutation_type.fields)  # type: ignore[union-attr] # noqa: SLF001 - there are some
    ids: dict[str, str] = {}
    done: dict[str, Any] = {}
    for mutation in MUTATIONS:
        sent = document(mutation, ids)
        variables = {name: ids[name] for name in ids if f"${name}" in sent}
        fail_next(database, 3)
        before = rows(database)
        assert_unavailable(timed(api, sent, variables))
        assert rows(database) == before, mutation
        fail_next(database, 2)
        done[mutation] = api.execute(sent, variables)[mutation]
        assert done[mutation], mutation
        entries = int(rows(database)["team_revisions"]) - int(before["team_revisions"])
        assert entries == (mutation in LEAVE_A_TRAIL), mutation
        fail_next(database, 0)
        if mutation == "createTeam":
            ids["team"] = done[mutation]["team"]["id"]
            ids["key"] = done[mutation]["issuedApiKey"]["apiKey"]["id"]
        if mutation == "openSession":
            ids["session"] = done[mutation]["session"]["id"]
        if "issuedApiKey" in done[mutation]:
            stored = asyncio.run(fetch(database, "SELECT key_hash FROM api_keys"))
            assert digest(done[mutation]["issuedApiKey"]["secret"]) in {key_hash for (key_hash,) in stored}
    assert [done[name]["team"]["revision"] for name in ("updateTeam", "updateTeamOverrides")] == [2, 3]
    assert done["openSession"]["created"] is True
    assert done["admitRequest"]["admission"]["bindingLimit"]["used"] == 1
    assert len(done["appendMessages"]["messages"]) == done["clearSessionHistory"]["clearedMessages"] == 1
    assert done["recordUsage"]["quota"]["daily"]["used"] == 1


def test_a_commit_that_the_database_refuses_is_made_again(failing: tuple[RunningApi, str]) -> None:
    """What is checked at COMMIT may fail there, and the database says that nothing took place."""
    api, database = failing
    run_sql(
        database,
        "DROP TRIGGER fail ON teams",
        """CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON teams DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION fail()""",
    )
    fail_next(database, 2)
    api.execute(CREATE, {"name": "a"})
    assert asyncio.run(fetch(database, "SELECT count(*), (SELECT count(*) FROM team_revisions) FROM teams")) == [(1, 1)]


@pytest.mark.parametrize(
    "change",
    [
        'appendMessages(input: {sessionId: "{session}", messages: [{role: USER, content: "x"}]})',
        'closeSession(input: {sessionId: "{session}"})',
    ],
)
async def test_a_runtimes_change_outlives_a_deadlock(api: RunningApi, migrated_database: str, change: str) -> None:
    """Another program takes the session before its team, we the team before the session."""
    created = await asyncio.to_thread(api.execute, CREATE, {"name": "a"})
    opened = await asyncio.to_thread(
        api.execute, document("openSession", ids := {"team": created["createTeam"]["team"]["id"]}), ids
    )
    sent = f"mutation {{ {change.replace('{session}', opened['openSession']['session']['id'])} {{ __typename }} }}"
    other = await asyncpg.connect(migrated_database)
    try:
        # So that it is not the one that gives way.
        await other.execute("SET deadlock_timeout = '1min'")
        async with other.transaction():
            await other.execute("SELECT FROM chat_sessions FOR UPDATE")
            answer = asyncio.create_task(asyncio.to_thread(api.post, sent))
            await asyncio.to_thread(wait_for, lambda: waits_for_a_lock(migrated_database), "the change to be held up")
            await other.execute("SELECT FROM teams FOR UPDATE")
        response = await answer
    finally:
        await other.close()
    assert response.status_code == 200, response.text
    assert next(iter(response.json()["data"].values()))["__typename"].endswith("Success")
    (left,) = await fetch(
        migrated_database, "SELECT closed_at IS NULL, (SELECT count(*) FROM messages) FROM chat_sessions"
    )
    assert tuple(left) == ((True, 1) if "append" in change else (False, 0))
    await asyncio.to_thread(wait_for, lambda: deadlocks(migrated_database) == 1, "the count of deadlocks")


def deadlocks(database: str) -> int:
    ((number,),) = asyncio.run(
        fetch(database, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    )
    return int(number)


def waits_for_a_lock(database: str) -> bool:
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(asyncio.run(fetch(database, waiting)))
