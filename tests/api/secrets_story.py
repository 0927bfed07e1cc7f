"""The life of one server, in which everything happens that secrets could leak by, and all that it leaves."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url

from domain.api_key import digest
from tests.api.processes import Server, fetch
from tests.conftest import in_database, run_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

ADMIN = "admin-of-the-secrets-test-0123456789"
NAMELESS = "nobody-of-the-secrets-test-0123456789"
TELEGRAM = "telegram-of-the-secrets-test-0123456789"
INTERNAL = "internal-of-the-secrets-test-0123456789"
PASSWORD = "password-of-the-secrets-test"
GIVEN = (ADMIN, NAMELESS, TELEGRAM, INTERNAL)

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
    """Use every key in every way, right and wrong, let the database fail, and note what came of it."""

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
    """Give the rows of every table as JSON."""
    names = await fetch(address, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    return {
        name: [row[0] for row in await fetch(address, f'SELECT row_to_json(t)::text FROM "{name}" t')]  # noqa: S608
        for (name,) in names
    }
