"""What each query costs in SQL statements: the number written here, and the same for 1 team and for 100."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.conftest import in_database, run_sql
from tests.running_api import ADMIN_KEY, INTERNAL_KEY, TELEGRAM_KEY, RunningApi, running_api
from tests.schema.documents import query_fields, root_fields
from tests.schema.world import TeamRow, add_session, populate

if TYPE_CHECKING:
    from collections.abc import Iterator

TEAM = "the key of the first team"


class Query(NamedTuple):
    """A document with its price. Variables that it declares are filled with ids and names of the database."""

    name: str
    statements: int
    document: str


CONFIG = "model availableModels resolution { setting layers { value } } violations { code }"

QUERIES = [
    Query("viewer", 0, "{ viewer { kind name team { id } } }"),
    Query("platformDefaults", 0, f"{{ platformDefaults(platformType: PUBLIC) {{ {CONFIG} }} }}"),
    Query("platformConfig, no team", 1, f'{{ platformConfig(platform: "x") {{ foundBy config {{ {CONFIG} }} }} }}'),
    Query(
        "platformConfig, a team",
        1,
        f"""query($platform: String!) {{
            platformConfig(platform: $platform) {{ foundBy team {{ id }} config {{ {CONFIG} }} }}
        }}""",
    ),
    Query("team by id", 1, "query($team: ID!) { team(by: {id: $team}) { id } }"),
    Query("team by platformName", 1, "query($platform: String!) { team(by: {platformName: $platform}) { id } }"),
    Query("team by displayName", 1, "query($display: String!) { team(by: {displayName: $display}) { id } }"),
    Query(
        "team by all three",
        3,
        """query($team: ID!, $platform: String!, $display: String!) {
            a: team(by: {id: $team}) { id }
            b: team(by: {platformName: $platform}) { id }
            c: team(by: {displayName: $display}) { id }
        }""",
    ),
    Query("node of a team", 1, "query($team: ID!) { node(id: $team) { id } }"),
    Query("node of a key", 1, "query($key: ID!) { node(id: $key) { id } }"),
    Query("node of a session", 1, "query($session: ID!) { node(id: $session) { id } }"),
    Query("node of a message", 1, "query($message: ID!) { node(id: $message) { id } }"),
    Query("node of nothing", 0, '{ node(id: "nothing") { id } }'),
    Query("nodes of every type", 4, "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"),
    Query(
        "one team twice",
        1,
        "query($team: ID!) { a: node(id: $team) { id } b: team(by: {id: $team}) { id } nodes(ids: [$team]) { id } }",
    ),
    Query(
        "teams with every own field",
        1,
        f"""{{ teams(first: 100) {{ pageInfo {{ hasNextPage endCursor }} edges {{ cursor }} nodes {{
            id displayName isActive revision createdAt
            overrides {{ maxHistory availableModels }} effectiveConfig {{ {CONFIG} }}
        }} }} }}""",
    ),
    Query("teams counted", 2, "{ teams(first: 100) { totalCount nodes { id } } }"),
    Query("teams by fragment, totalCount skipped", 1, "{ teams { totalCount @skip(if: true) nodes { id } } }"),
    Query("keys", 2, "{ teams(first: 100) { nodes { apiKeys { nodes { id } pageInfo { endCursor } } } } }"),
    Query("keys counted", 3, "{ teams(first: 100) { nodes { apiKeys { totalCount } } } }"),
    Query("keys with their team", 3, "{ teams(first: 100) { nodes { apiKeys { nodes { team { id } } } } } }"),
    Query("sessions of teams", 2, "{ teams(first: 100) { nodes { sessions { nodes { id isActive isAdmin } } } } }"),
    Query("sessions of teams counted", 3, "{ teams(first: 100) { nodes { sessions { totalCount } } } }"),
    Query(
        # teams, keys, their count, sessions, their count, teams of both, keys of sessions, contexts, messages, count
        "everything under teams",
        10,
        """{ teams(first: 100) { nodes {
            apiKeys(first: 2) { totalCount nodes { id team { id effectiveConfig { model } } } }
            sessions(first: 5) { totalCount nodes {
                team { id } apiKey { id } history { content } currentModel totalMessageCount
                messages(first: 3) { nodes { content } }
            } }
        } } }""",
    ),
    Query(
        "one connection under three names with two sets of arguments",
        1 + 2,
        """{ teams(first: 100) { nodes {
            a: apiKeys(first: 1) { nodes { id } } b: apiKeys(first: 2) { nodes { id } }
            c: apiKeys(first: 1) { nodes { name } }
        } } }""",
    ),
    Query(
        "three filters of sessions, each counted",
        1 + 3 + 3,
        """{ teams(first: 100) { nodes {
            a: sessions { totalCount nodes { id } }
            b: sessions(filter: {isActive: true}) { totalCount nodes { id } }
            c: sessions(filter: {userId: "user-1"}) { totalCount nodes { id } }
        } } }""",
    ),
    Query("session by id", 1, "query($session: ID!) { session(by: {id: $session}) { id } }"),
    Query("session by sessionId", 1, "query($sessionId: String!) { session(by: {sessionId: $sessionId}) { id } }"),
    Query(
        "session by key",
        1,
        """query($platform: String!, $user: String!, $team: ID!) {
            session(by: {key: {platform: $platform, userId: $user, teamId: $team}}) { id }
        }""",
    ),
    Query(
        "one session with everything",
        6,
        """query($session: ID!) { session(by: {id: $session}) {
            team { id } apiKey { id } currentModel effectiveConfig { model } history { content } totalMessageCount
            messages { nodes { content } }
        } }""",
    ),
    Query("sessions", 1, "{ sessions(first: 100) { nodes { id platform isActive isAdmin lastActivityAt } } }"),
    Query("sessions counted", 2, "{ sessions(first: 100) { totalCount } }"),
    Query(
        "histories of differing length",
        # teams, their sessions, the teams of those, and one for all histories
        4,
        "{ teams(first: 100) { nodes { sessions { nodes { history { content } } } } } }",
    ),
    Query(
        "histories of sessions with and without a team",
        # sessions, their teams, and one for all histories
        3,
        "{ sessions(first: 100) { nodes { history { content } } } }",
    ),
    Query(
        "messages counted with and without the cleared ones",
        1 + 2 + 2,
        """{ sessions(first: 100, filter: {platform: "telegram"}) { nodes {
            totalMessageCount
            messages { totalCount nodes { id } }
            all: messages(includeCleared: true) { totalCount nodes { id } }
        } } }""",
    ),
    Query("quotas of teams", 2, "{ teams(first: 100) { nodes { quota { daily { used } monthly { remaining } } } } }"),
    Query(
        "usage of teams, each with two periods",
        1 + 2,
        """{ teams(first: 100) { nodes {
            usage { requests averageResponseMs byDay { day estimatedCost } } again: usage { tokens }
            lately: usage(from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z") { requests }
        } } }""",
    ),
    Query(
        "usage of teams by model, each with two periods",
        1 + 2 + 2,
        """{ teams(first: 100) { nodes {
            usage { requests byModel { model tokens } } again: usage { models: byModel { requests } }
            lately: usage(from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z") { byModel { model } }
        } } }""",
    ),
    Query(
        # teams, their keys, the teams of those, what the teams used, and what those keys used that have a quota
        "quotas of keys",
        5,
        "{ teams(first: 100) { nodes { apiKeys { nodes { quota { daily { used limit } } } } } } }",
    ),
    Query(
        "admission",
        1,
        """query($session: ID!) {
            admission(sessionId: $session) { allowed reasons bindingLimit { kind limit used remaining resetsAt } }
        }""",
    ),
]


@pytest.fixture(scope="module")
def worlds(postgres_address: str, migrated_template: str) -> Iterator[list[tuple[RunningApi, list[TeamRow]]]]:
    """A server over 1 team and one over 100, with what is in them."""
    names = ("one_team", "hundred_teams")
    for name in names:
        run_sql(postgres_address, f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    one, hundred = (in_database(postgres_address, name) for name in names)
    # What a hundred teams cost here is beyond what a caller may ask for at once.
    dear = {"graphql_maximum_cost": 1_000_000}
    with running_api(one, **dear) as of_one, running_api(hundred, **dear) as of_hundred:
        rows = [populate(one, teams=1, sessions=2), populate(hundred, teams=100, sessions=2)]
        for address in (one, hundred):
            run_sql(
                address,
                # One key of each team has a quota of its own.
                "UPDATE api_keys SET daily_quota = 5 WHERE id IN (SELECT min(id) FROM api_keys GROUP BY team_id)",
                # Used just now, so that no use of theirs is written beside the queries that are counted.
                "UPDATE api_keys SET last_used_at = timezone('utc', now()) + interval '1 hour'",
            )
            add_session(address, "telegram", "u", messages=[{"content": "hello"}])
        yield list(zip((of_one, of_hundred), rows, strict=True))
    for name in names:
        run_sql(postgres_address, f"DROP DATABASE {name} WITH (FORCE)")


def statements(api: RunningApi, rows: list[TeamRow], query: str) -> list[str]:
    """Give the statements that a query sends."""
    team, session = rows[0], rows[0].sessions[0]
    of_each = rows[:25]
    values = {
        "team": team.node_id,
        "platform": team.platform_name,
        "display": team.display_name,
        "key": team.keys[0].node_id,
        "session": session.node_id,
        "sessionId": session.session_id,
        "user": session.user_id,
        "message": session.messages[0],
        "ids": [
            node_id
            for row in of_each
            for node_id in (row.node_id, row.keys[0].node_id, row.sessions[0].node_id, row.sessions[0].messages[0])
        ],
    }
    with api.counted() as sent:
        api.execute(query, {name: value for name, value in values.items() if f"${name}:" in query})
    return sent


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_costs_the_same_for_1_team_and_for_100(
    worlds: list[tuple[RunningApi, list[TeamRow]]], query: Query
) -> None:
    for api, rows in worlds:
        sent = statements(api, rows, query.document)
        assert len(sent) == query.statements, "\n\n".join(sent)
        assert all(statement.startswith("SELECT ") for statement in sent), "a query writes"


@pytest.mark.parametrize(("key", "expected"), [(ADMIN_KEY, 0), (TELEGRAM_KEY, 0), (INTERNAL_KEY, 0), (TEAM, 1)])
def test_only_the_key_of_a_team_costs_a_statement_to_recognise(
    worlds: list[tuple[RunningApi, list[TeamRow]]], key: str, expected: int
) -> None:
    for api, rows in worlds:
        caller = api.by(rows[0].keys[0].secret if key is TEAM else key)
        assert len(statements(caller, rows, "{ viewer { kind name } }")) == expected


def test_every_query_of_the_schema_has_its_price() -> None:
    assert root_fields(query.document for query in QUERIES) == query_fields()
