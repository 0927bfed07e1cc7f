"""No secret leaves where it belongs: one server lives through everything, and then all that it left is searched."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from db.database import Database
from db.engine import create_engine, database_url
from db.models import ApiKey
from domain.api_key import digest, new_api_key
from graphql_api.authentication import Authenticator
from graphql_api.key_use import KeyUse
from graphql_api.setting_values import AdminKey, admin_keys
from graphql_api.settings import Settings, load_settings
from graphql_api.wrong_keys import WrongKeys
from tests.api.processes import Server, fetch, run, serving
from tests.conftest import in_database, run_sql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

ADMIN = "admin-of-the-secrets-test-0123456789"
NAMELESS = "nobody-of-the-secrets-test-0123456789"
TELEGRAM = "telegram-of-the-secrets-test-0123456789"
INTERNAL = "internal-of-the-secrets-test-0123456789"
PASSWORD = "password-of-the-secrets-test"
GIVEN = (ADMIN, NAMELESS, TELEGRAM, INTERNAL)
DIGESTS = (("api_keys", "key_hash"), ("api_keys", "previous_key_hash"))
"""The only columns that may hold the digest of a secret."""

WHO = "{ viewer { name kind } }"
TEAMS = "{ teams { nodes { id displayName apiKeys { nodes { prefix name createdBy } } } } }"
CREATE = """mutation ($name: String!) { createTeam(input: {displayName: $name, platformName: $name}) {
  __typename ... on CreateTeamSuccess { team { id } issuedApiKey { secret apiKey { id prefix } } } } }"""
ISSUE = """mutation ($team: ID!) { issueApiKey(input: {teamId: $team, name: "second"}) {
  __typename ... on IssueApiKeySuccess { issuedApiKey { secret apiKey { id } } } } }"""
ROTATE = """mutation ($id: ID!) { rotateApiKey(input: {id: $id, overlapSeconds: 600}) {
  __typename ... on RotateApiKeySuccess { issuedApiKey { secret apiKey { id } } } } }"""
REVOKE = "mutation ($id: ID!) { revokeApiKey(input: {id: $id}) { __typename } }"
# Each refuses its variable, and the refusal may quote it to the caller.
QUOTING = (
    "query ($value: Int) { teams(first: $value) { totalCount } }",
    "query ($value: PlatformType!) { platformDefaults(platformType: $value) { model } }",
    "query ($value: TeamBy!) { team(by: $value) { id } }",
    'mutation ($value: DateTime) { issueApiKey(input: {teamId: "x", name: "x", expiresAt: $value}) { __typename } }',
    "query ($value: ID!) { node(id: $value) { id } }",
)


@dataclass
class Story:
    """What happened, and everything it left."""

    log: str
    tables: dict[str, list[str]]
    issued: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    failed_request: str = ""

    def secrets(self) -> Iterator[str]:
        """What must be found nowhere: each key, all of an issued one beyond its public prefix, and their digests."""
        yield PASSWORD
        for key in (*GIVEN, *self.issued):
            yield key
            yield digest(key)
        for key in self.issued:
            yield key[12:]

    def found_in(self, *texts: str) -> list[str]:
        return [secret for secret in self.secrets() for text in texts if secret in text]

    def events(self) -> list[dict[str, Any]]:
        """The log's lines; what is said to people before it begins is none of them."""
        lines = self.log.splitlines()
        return [json.loads(line) for line in lines[lines.index("Ctrl-C stops it.") + 1 :]]


def live_through_everything(server: Server, address: str, story: Story) -> None:
    def say(document: str, variables: dict[str, Any] | None = None, *, key: str = ADMIN) -> httpx.Response:
        response = server.post(document, variables, key=key)
        story.bodies.append(response.text)
        return response

    def issue(document: str, variables: dict[str, Any]) -> dict[str, Any]:
        result = server.execute(document, variables)
        (success,) = result.values()
        story.issued.append(success["issuedApiKey"]["secret"])
        return dict(success)

    server.key = ADMIN
    created = issue(CREATE, {"name": "team"})
    team, first = created["team"]["id"], created["issuedApiKey"]["apiKey"]["id"]
    second = issue(ISSUE, {"team": team})["issuedApiKey"]["apiKey"]["id"]
    # From here on, the first key has a secret before and a new one, and both are lived with.
    assert say(WHO, key=story.issued[0]).status_code == 200
    issue(ROTATE, {"id": first})
    for key in (*GIVEN, *story.issued):
        assert say(WHO, key=key).status_code == 200
        say(TEAMS, key=key)
        say(CREATE, {"name": "team"}, key=key)
        assert say(WHO, key=key + "x").status_code == 401
        # A key in the place of something else is a mistake that people make.
        assert say(WHO, key=f"{key} {key}").status_code == 401
        for document in QUOTING:
            # The answer goes to whoever sent the value; it must not go anywhere else.
            server.post(document, {"value": {"nope": key} if "TeamBy" in document else key})
        server.post(f'{{ teams(first: "{key}") {{ totalCount }} }}')
        server.post(f"{{ {key.replace('-', '_')} }}")
        server.get(f"/graphql?query={{viewer{{name}}}}&operationName={key}")
        server.get(f"/nope/?key={key}")
        # The API is at another address; a key that was made by base64 may have slashes in it.
        for path in (key, f"graphql/{key}", f"graphql/Bearer%20{key}/viewer", f"graphql{key}"):
            assert server.get(f"/{path}").status_code == 404
            assert server.get(f"/{path.replace('_', '%5F').replace('-', '/')}").status_code == 404
    say(REVOKE, {"id": second})
    assert say(WHO, key=story.issued[1]).status_code == 401

    # The earlier service owns this table too and may forbid what we do not expect. PostgreSQL quotes the row then.
    # That of the first key now holds both digests.
    run_sql(address, "ALTER TABLE api_keys ADD CONSTRAINT theirs CHECK (is_active) NOT VALID")
    (error,) = say(REVOKE, {"id": first}).json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    story.failed_request = error["extensions"]["requestId"]
    # A table that is not as this release expects it.
    run_sql(address, "ALTER TABLE api_keys RENAME COLUMN key_prefix TO prefix")
    for key in GIVEN[:1] + tuple(story.issued):
        assert say(TEAMS, key=key).json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    run_sql(address, "ALTER TABLE api_keys RENAME COLUMN prefix TO key_prefix")

    # A failure of the connection, and one of the whole database.
    ours = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'platform-config-api'"
    run_sql(address, f"SELECT pg_terminate_backend(pid, 5000) {ours}")
    assert say(TEAMS, key=story.issued[0]).status_code == 200, "it is asked again"
    name = make_url(address).database
    maintenance = in_database(address, "postgres")
    run_sql(maintenance, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    run_sql(maintenance, f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
    for key in (ADMIN, story.issued[0]):
        say(TEAMS, key=key)
    story.bodies.append(server.get("/readyz").text)
    run_sql(maintenance, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


async def dump(address: str) -> dict[str, list[str]]:
    names = await fetch(address, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    return {
        name: [row[0] for row in await fetch(address, f'SELECT row_to_json(t)::text FROM "{name}" t')]  # noqa: S608
        for (name,) in names
    }


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, postgres_address: str, migrated_template: str) -> Iterator[Story]:
    name = f"secrets_{uuid.uuid4().hex}"
    run_sql(postgres_address, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    address = in_database(postgres_address, name)
    try:
        story = Story("", {})
        with serving(
            tmp_path_factory.mktemp("secrets"),
            # Nobody asks for the password here; that does not make it less secret.
            DATABASE_URL=make_url(address).set(password=PASSWORD).render_as_string(hide_password=False),
            SUPER_ADMIN_API_KEYS=f"alice:{ADMIN},{NAMELESS}",
            TELEGRAM_SERVICE_KEY=TELEGRAM,
            INTERNAL_API_KEY=INTERNAL,
            LOG_FORMAT="json",
            LOG_LEVEL="DEBUG",
        ) as server:
            live_through_everything(server, address, story)
            server.process.terminate()
            assert server.exit_code() == 0
            story.log = server.said
        story.tables = asyncio.run(dump(address))
        yield story
    finally:
        run_sql(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


def test_no_secret_is_in_what_the_process_writes(story: Story) -> None:
    guilty = [line[:2000] for line in story.log.splitlines() if story.found_in(line)]
    assert guilty == []
    assert re.findall(r"\b[0-9a-f]{64}\b", story.log) == [], "no digest of anything else either"


def test_no_secret_is_in_a_response_that_does_not_issue_it(story: Story) -> None:
    assert len(story.bodies) > 30
    assert [body for body in story.bodies if story.found_in(body)] == []


def test_the_tables_hold_digests_of_issued_keys_and_nothing_else(story: Story) -> None:
    assert len(story.tables["api_keys"]) >= len(story.issued) - 1, "a rotated key is one with two secrets"
    assert len(story.tables["team_revisions"]) >= 1
    for name, rows in story.tables.items():
        for row in rows:
            values = {column: value for column, value in json.loads(row).items() if (name, column) not in DIGESTS}
            assert story.found_in(json.dumps(values)) == [], name
    stored = {json.loads(row)[column] for row in story.tables["api_keys"] for _, column in DIGESTS}
    assert {digest(key) for key in story.issued} <= stored


def test_each_line_of_the_log_is_an_object_that_says_when_and_what(story: Story) -> None:
    events = story.events()
    assert len(events) > 50
    for event in events:
        assert {"timestamp", "level", "event"} <= set(event)
        assert event["timestamp"].endswith("Z")


def test_each_request_is_logged_once_with_its_id_and_caller(story: Story) -> None:
    requests = [event for event in story.events() if event["event"] == "request"]
    assert len({event["request_id"] for event in requests}) == len(requests)
    for event in requests:
        assert {"method", "path", "status", "milliseconds"} <= set(event)
        assert "?" not in event["path"]
    known = {event["viewer"] for event in requests if "viewer" in event}
    assert {"alice", "telegram-service", "internal-service", *(key[:12] for key in story.issued)} <= known
    assert [name for name in known if name.startswith("key-")], "a fingerprint where there is no name"
    assert {event.get("viewer") for event in requests if event["status"] == 401} == {None}


def test_a_path_that_is_not_ours_is_logged_by_its_plain_words(story: Story) -> None:
    """Somebody who mistook the address may have put a key into it; a proxy that sends a wrong path is to be seen."""
    paths = {event["path"] for event in story.events() if event["event"] == "request" and event["status"] == 404}
    assert {"/nope/", "/***", "/graphql/***", "/graphql/***/viewer"} <= paths
    parts = {part for secret in story.secrets() for part in re.split(r"[-_]", secret) if len(part) > 16}
    assert [path for path in paths for part in parts if part in path] == []


def test_a_failure_is_logged_with_the_id_that_its_caller_was_given(story: Story) -> None:
    told = [
        event
        for event in story.events()
        if event.get("request_id") == story.failed_request and event["level"] == "error"
    ]
    assert len(told) == 1
    assert "CheckViolation" in told[0]["exception"]


def test_callers_mistakes_are_no_errors_in_the_log(story: Story) -> None:
    """Whoever is woken by errors is woken by defects of this service only; here exactly one was provoked."""
    assert [event["event"] for event in story.events() if event["level"] in ("error", "critical")] == [
        "A resolver failed."
    ]


def test_no_representation_of_an_object_shows_a_secret() -> None:
    """They end up in tracebacks, debuggers and failed assertions."""
    address = f"postgresql://user:{PASSWORD}@localhost/database"
    key = new_api_key()
    settings = load_settings().model_copy(
        update={
            "database_url": SecretStr(address),
            "super_admin_api_keys": SecretStr(f"alice:{ADMIN},{NAMELESS}"),
            "telegram_service_key": SecretStr(TELEGRAM),
            "internal_api_key": SecretStr(INTERNAL),
        }
    )
    assert isinstance(settings, Settings)
    engine = create_engine(database_url(address))
    database = Database(engine)
    shown = [
        settings,
        AdminKey(f"alice:{ADMIN}"),
        AdminKey(NAMELESS),
        admin_keys(settings.super_admin_api_keys),
        key,
        Authenticator(settings, database, KeyUse(database), WrongKeys(30)),
        ApiKey(key_hash=key.key_hash, previous_key_hash=key.key_hash, key_prefix=key.prefix, name="name", team_id=1),
        database,
        engine,
        engine.url,
        engine.pool,
    ]
    story = Story("", {}, issued=[key.secret])
    for thing in shown:
        assert story.found_in(repr(thing), str(thing)) == [], type(thing)


def test_a_command_that_fails_tells_no_secret(tmp_path: Path) -> None:
    done = run(
        "serve",
        directory=tmp_path,
        DATABASE_URL=f"postgresql://user:{PASSWORD}@localhost:port/database",
        SUPER_ADMIN_API_KEYS=f"{ADMIN},name:",
        TELEGRAM_RATE_LIMIT="0",
    )
    assert done.returncode == 1
    assert Story("", {}).found_in(done.stdout, done.stderr) == []
