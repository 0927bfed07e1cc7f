"""Two server processes on one database: limits, sums and keys are the same in both, to the last request."""

from __future__ import annotations

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tests.api.processes import fetch, wait_for
from tests.api.runtime_calls import Call, TwoServers, two_servers
from tests.conftest import run_sql
from tests.schema.teams.rows import row_id

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.processes import Server

CREATE = """mutation ($name: String!, $limit: Int!) {
  createTeam(input: {displayName: $name, platformName: $name, overrides: {rateLimit: $limit}}) {
    ... on CreateTeamSuccess { team { id } issuedApiKey { secret apiKey { id } } } } }"""
OPEN = """mutation ($user: String!) {
  openSession(input: {userId: $user}) { ... on OpenSessionSuccess { session { id } } } }"""
ADMITTED = "... on AdmitRequestSuccess { admission { allowed reasons bindingLimit { used remaining } } }"
USAGE = """query ($id: ID!, $from: DateTime!, $to: DateTime!) { team(by: {id: $id}) {
  usage(from: $from, to: $to) { requests successes tokens estimatedCost averageResponseMs byModel { model requests } }
} }"""
REVOKE = "mutation ($id: ID!) { revokeApiKey(input: {id: $id}) { __typename } }"
ROTATE = """mutation ($id: ID!, $overlap: Int!) { rotateApiKey(input: {id: $id, overlapSeconds: $overlap}) {
  ... on RotateApiKeySuccess { issuedApiKey { secret } } } }"""
DEACTIVATE = """mutation ($id: ID!, $isActive: Boolean!) {
  updateTeam(input: {id: $id, isActive: $isActive}) { __typename } }"""
WHO = "{ viewer { kind } }"


class Key(NamedTuple):
    """A team's only key."""

    team: str
    id: str
    secret: str


def new_key(server: Server, *, rate_limit: int = 60) -> Key:
    """Create a team and give its key."""
    created = server.execute(CREATE, {"name": uuid.uuid4().hex, "limit": rate_limit})["createTeam"]
    issued = created["issuedApiKey"]
    return Key(created["team"]["id"], issued["apiKey"]["id"], issued["secret"])


def new_session(server: Server, key: Key) -> str:
    """Open a session that the key owns."""
    opened = server.post(OPEN, {"user": uuid.uuid4().hex}, key=key.secret).json()
    session: str = opened["data"]["openSession"]["session"]["id"]
    return session


def works(server: Server, secret: str) -> bool:
    response = server.post(WHO, key=secret)
    assert response.status_code in (200, 401)
    return response.status_code == 200


def test_of_200_requests_at_once_at_a_limit_of_60_exactly_60_are_admitted(servers: TwoServers) -> None:
    key = new_key(servers.one)
    session = new_session(servers.one, key)
    results = servers.at_once([Call(key.secret, "admitRequest", {"sessionId": session}, ADMITTED)] * 200)
    verdicts = [result["admission"] for result in results]
    assert sum(verdict["allowed"] for verdict in verdicts) == 60
    # Each that was admitted knows its place, and no two have the same.
    places = sorted(verdict["bindingLimit"]["used"] for verdict in verdicts if verdict["allowed"])
    assert places == list(range(1, 61))
    refused = [verdict for verdict in verdicts if not verdict["allowed"]]
    assert all(verdict["reasons"] == ["RATE_LIMIT"] for verdict in refused)
    assert {verdict["bindingLimit"]["remaining"] for verdict in refused} == {0}
    count = "SELECT cardinality(admitted_at) FROM admission_windows WHERE session_id = $1"
    stored = asyncio.run(fetch(servers.database, count, row_id(session)))
    assert [count for (count,) in stored] == [60]


def test_usage_recorded_by_both_and_by_another_program_adds_up_exactly(servers: TwoServers) -> None:
    key = new_key(servers.one)
    session = new_session(servers.other, key)
    calls = [
        Call(
            key.secret,
            "recordUsage",
            {
                "sessionId": session,
                "model": f"model-{number % 3}",
                "success": number % 4 > 0,
                "tokensUsed": number,
                "estimatedCost": 0.1,
                "responseTimeMs": 10 + number % 2,
            },
        )
        for number in range(120)
    ]
    insert = (
        "INSERT INTO usage_logs (team_id, session_id, platform, model_used, tokens_used)"  # noqa: S608 - a number of ours
        f" VALUES ({row_id(key.team)}, 'theirs', 'theirs', 'model-0', 1000)"
    )
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with ThreadPoolExecutor(1) as another_program:
        writing = another_program.submit(run_sql, servers.database, *[insert] * 40)
        assert {result["__typename"] for result in servers.at_once(calls)} == {"RecordUsageSuccess"}
        writing.result()
    # With a day to spare on either side: midnight may have passed meanwhile.
    period = {"from": yesterday.isoformat(), "to": (yesterday + timedelta(days=3)).isoformat()}
    for server in servers.servers:
        assert server.execute(USAGE, {"id": key.team, **period})["team"]["usage"] == {
            "requests": 160,
            "successes": 130,
            "tokens": sum(range(120)) + 40_000,
            "estimatedCost": 12,
            "averageResponseMs": 10.5,
            "byModel": [
                {"model": "model-0", "requests": 80},
                {"model": "model-1", "requests": 40},
                {"model": "model-2", "requests": 40},
            ],
        }


def test_a_revoked_key_is_refused_by_the_next_request_of_the_other_process(servers: TwoServers) -> None:
    key = new_key(servers.one)
    assert (works(servers.one, key.secret), works(servers.other, key.secret)) == (True, True)
    servers.one.execute(REVOKE, {"id": key.id})
    assert (works(servers.other, key.secret), works(servers.one, key.secret)) == (False, False)


def test_the_keys_of_a_deactivated_team_rest_in_the_other_process_at_once(servers: TwoServers) -> None:
    key = new_key(servers.one)
    for is_active in (True, False, True):
        servers.one.execute(DEACTIVATE, {"id": key.team, "isActive": is_active})
        assert works(servers.other, key.secret) is is_active


def test_a_rotation_holds_in_the_other_process_at_once(servers: TwoServers) -> None:
    key = new_key(servers.one)
    assert works(servers.other, key.secret)

    def rotate(server: Server, overlap: int) -> str:
        rotated = server.execute(ROTATE, {"id": key.id, "overlap": overlap})["rotateApiKey"]
        secret: str = rotated["issuedApiKey"]["secret"]
        return secret

    second = rotate(servers.one, 600)
    assert [works(servers.other, secret) for secret in (key.secret, second)] == [True, True]
    third = rotate(servers.other, 600)
    assert [works(servers.one, secret) for secret in (key.secret, second, third)] == [False, True, True]
    fourth = rotate(servers.one, 0)
    assert [works(servers.other, secret) for secret in (second, third, fourth)] == [False, False, True]


WRITE_DOWN_EACH_MOVE = (
    "CREATE TABLE moves (api_key_id integer, moment timestamp)",
    (
        "CREATE FUNCTION write_down() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO moves VALUES (new.id, new.last_used_at); RETURN NULL; END'"
    ),
    "CREATE TRIGGER write_down AFTER UPDATE OF last_used_at ON api_keys FOR EACH ROW EXECUTE FUNCTION write_down()",
)


def test_the_last_use_of_a_key_moves_once_however_many_requests_both_serve(
    tmp_path: Path, migrated_database: str
) -> None:
    """The servers end before it is counted, for then all that they noted is written."""
    with two_servers(tmp_path, migrated_database) as pair:
        key = new_key(pair.one)
        run_sql(
            pair.database,
            *WRITE_DOWN_EACH_MOVE,
            "ALTER TABLE api_keys DISABLE TRIGGER write_down",
            "UPDATE api_keys SET last_used_at = timezone('utc', now()) - interval '61 seconds'",
            "ALTER TABLE api_keys ENABLE TRIGGER write_down",
        )
        begun = datetime.now(UTC)
        requests = [Call(key.secret, "closeSession", {"sessionId": "none"})] * 60
        pair.at_once(requests)
        wait_for(lambda: asyncio.run(fetch(pair.database, "SELECT FROM moves")), "the use to be noted")
        pair.at_once(requests)
        for server in pair.servers:
            server.process.terminate()
        assert [server.exit_code() for server in pair.servers] == [0, 0]
        lasted = datetime.now(UTC) - begun
    moves = asyncio.run(fetch(migrated_database, "SELECT moment FROM moves"))
    assert 1 <= len(moves) <= 1 + lasted // timedelta(minutes=1)
