"""Mutations of one document: each sees what those before it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.schema.teams.documents import create
from tests.schema.teams.rows import trail, unchanged

if TYPE_CHECKING:
    from tests.running_api import RunningApi

# The key leads back to the team through a loader, which must not remember an earlier answer.
NESTED = """
    revision overrides { rateLimit maxHistory }
    apiKeys { totalCount nodes { isActive team { revision effectiveConfig { rateLimit maxHistory } } } }
"""


def test_each_payload_shows_the_team_as_it_is_at_that_moment(api: RunningApi) -> None:
    team_id = create(api)["team"]["id"]
    data = api.execute(
        f"""
        mutation ($id: ID!) {{
            first: updateTeamOverrides(input: {{id: $id, overrides: {{rateLimit: 5}}}}) {{ ...Parts }}
            second: updateTeamOverrides(input: {{id: $id, overrides: {{rateLimit: 6, maxHistory: 7}}}}) {{ ...Parts }}
            conflict: updateTeamOverrides(input: {{id: $id, expectedRevision: 1, overrides: {{rateLimit: 9}}}}) {{
                ... on RevisionConflict {{ currentRevision team {{ {NESTED} }} }}
            }}
            third: updateTeamOverrides(input: {{id: $id, overrides: {{rateLimit: null}}}}) {{ ...Parts }}
        }}
        fragment Parts on UpdateTeamOverridesSuccess {{ team {{ {NESTED} }} }}
        """,
        {"id": team_id},
    )
    for name, revision, stored, served in (
        ("first", 2, (5, None), (5, 30)),
        ("second", 3, (6, 7), (6, 7)),
        ("conflict", 3, (6, 7), (6, 7)),
        ("third", 4, (None, 7), (60, 7)),
    ):
        team = data[name]["team"]
        assert (team["revision"], tuple(team["overrides"].values())) == (revision, stored)
        (key,) = team["apiKeys"]["nodes"]
        assert key["team"]["revision"] == revision
        assert tuple(key["team"]["effectiveConfig"].values()) == served


def test_keys_issued_and_revoked_show_at_once(api: RunningApi) -> None:
    created = create(api)
    key_id = created["issuedApiKey"]["apiKey"]["id"]
    data = api.execute(
        f"""
        mutation ($team: ID!, $key: ID!) {{
            before: updateTeam(input: {{id: $team}}) {{ ... on UpdateTeamSuccess {{ team {{ {NESTED} }} }} }}
            issued: issueApiKey(input: {{teamId: $team, name: "second"}}) {{
                ... on IssueApiKeySuccess {{ issuedApiKey {{ apiKey {{ team {{ {NESTED} }} }} }} }}
            }}
            revoked: revokeApiKey(input: {{id: $key}}) {{
                ... on RevokeApiKeySuccess {{ apiKey {{ isActive team {{ {NESTED} }} }} }}
            }}
            after: updateTeam(input: {{id: $team, isActive: false}}) {{
                ... on UpdateTeamSuccess {{ team {{ isActive {NESTED} }} }}
            }}
        }}
        """,
        {"team": created["team"]["id"], "key": key_id},
    )
    teams = [
        data["before"]["team"],
        data["issued"]["issuedApiKey"]["apiKey"]["team"],
        data["revoked"]["apiKey"]["team"],
        data["after"]["team"],
    ]
    assert [team["apiKeys"]["totalCount"] for team in teams] == [1, 2, 2, 2]
    # Newest first.
    assert [[key["isActive"] for key in team["apiKeys"]["nodes"]] for team in teams] == [
        [True],
        [True, True],
        [True, False],
        [True, False],
    ]
    assert [team["revision"] for team in teams] == [1, 1, 1, 2]


def test_a_team_that_was_deleted_is_gone_for_those_after_it(api: RunningApi, database: str) -> None:
    team_id = create(api)["team"]["id"]
    data = api.execute(
        """
        mutation ($id: ID!) {
            deleted: deleteTeam(input: {id: $id, force: true}) { __typename }
            updated: updateTeam(input: {id: $id, dailyQuota: 5}) { __typename }
            overridden: updateTeamOverrides(input: {id: $id, overrides: {rateLimit: 5}}) { __typename }
            issued: issueApiKey(input: {teamId: $id, name: "x"}) { __typename }
            again: createTeam(input: {displayName: "Team acme", platformName: "acme"}) { __typename }
        }
        """,
        {"id": team_id},
    )
    assert [result["__typename"] for result in data.values()] == [
        "DeleteTeamSuccess",
        "TeamNotFound",
        "TeamNotFound",
        "TeamNotFound",
        "CreateTeamSuccess",
    ]
    assert [row["action"] for row in trail(database, team_id)] == ["createTeam", "deleteTeam"]


def test_a_refusal_does_not_undo_its_neighbours(api: RunningApi, database: str) -> None:
    team_id = create(api)["team"]["id"]
    data = api.execute(
        """
        mutation ($id: ID!) {
            first: updateTeam(input: {id: $id, dailyQuota: 5}) { __typename }
            refused: updateTeam(input: {id: $id, dailyQuota: -5}) { __typename }
            second: updateTeam(input: {id: $id, monthlyQuota: 6}) { ... on UpdateTeamSuccess { team { revision } } }
        }
        """,
        {"id": team_id},
    )
    assert data["refused"]["__typename"] == "InvalidInput"
    assert data["second"]["team"]["revision"] == 3
    assert [row["revision"] for row in trail(database, team_id)] == [1, 2, 3]


def test_a_mutation_sent_by_get_changes_nothing(api: RunningApi, database: str) -> None:
    with unchanged(database):
        response = api.client.get(
            f"{api.address}/graphql",
            params={"query": 'mutation { createTeam(input: {displayName: "a", platformName: "a"}) { __typename } }'},
            headers={"Authorization": f"Bearer {api.key}"},
        )
        assert response.status_code in (400, 405)
        assert response.json()["errors"]
