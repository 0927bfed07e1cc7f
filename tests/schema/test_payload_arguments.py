"""A page that a mutation's payload cannot have is refused before the mutation changes anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from graphql import GraphQLObjectType

from schema.build import build_schema
from schema.payload_arguments import JUDGED
from tests.schema.inputs.outcomes import send
from tests.schema.world import populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

CREATE = """
mutation%s {
  createTeam(input: {displayName: "Lost", platformName: "Lost"}) {
    ... on CreateTeamSuccess { issuedApiKey { secret } team { ...Pages } }
  }
}
fragment Pages on Team { %s }
"""
TOO_MANY = "apiKeys(first: $n) { nodes { id } }"


@pytest.mark.parametrize(
    ("selection", "variables", "declared"),
    [
        ("apiKeys(first: 101) { nodes { id } }", {}, ""),
        ("sessions(first: -1) { nodes { id } }", {}, ""),
        ("sessions(first: 1) { nodes { messages(first: 101) { nodes { id } } } }", {}, ""),
        (TOO_MANY, {"n": 101}, "($n: Int)"),
        (TOO_MANY, {}, "($n: Int = 101)"),
        ("apiKeys(after: $after) { nodes { id } }", {"after": "nonsense"}, "($after: String)"),
        ("sessions(filter: $filter) { nodes { id } }", {"filter": {"userId": "a\x00"}}, "($filter: SessionFilter)"),
        ('sessions(filter: {platform: "a\\u0000"}) { nodes { id } }', {}, ""),
    ],
)
def test_a_page_that_cannot_be_loses_no_secret(
    api: RunningApi, selection: str, variables: dict[str, Any], declared: str
) -> None:
    error = api.error(CREATE % (declared, selection), variables)
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert api.execute("{ teams { totalCount } }") == {"teams": {"totalCount": 0}}


@pytest.mark.parametrize(
    ("variables", "declared"), [({"n": 100}, "($n: Int = 101)"), ({"n": None}, "($n: Int)"), ({}, "($n: Int)")]
)
def test_a_page_that_can_be_is_let_through(api: RunningApi, variables: dict[str, Any], declared: str) -> None:
    created = api.execute(CREATE % (declared, TOO_MANY), variables)["createTeam"]
    assert len(created["team"]["apiKeys"]["nodes"]) == 1


ISSUE = """
mutation Wrong($team: ID!, $n: Int = 101) { ...Issue ...Unused }
mutation Right($team: ID!, $n: Int = 5) { ...Issue }
query Read { viewer { kind } }
fragment Issue on Mutation {
  issueApiKey(input: {teamId: $team, name: "k"}) {
    ... on IssueApiKeySuccess { issuedApiKey { secret apiKey { team { ...Keys } } } }
  }
}
fragment Keys on Team { apiKeys(first: $n) { nodes { id } } }
fragment Unused on Mutation { again: createTeam(input: {displayName: "a", platformName: "a"}) {
  ... on CreateTeamSuccess { team { sessions(first: 1000) { totalCount } } } } }
"""


def test_only_the_operation_that_runs_is_judged_with_its_own_defaults(api: RunningApi, database: str) -> None:
    """The defaults of another hid a page that cannot be: the key was issued, and its secret lost."""
    (team,) = populate(database)

    def sent(name: str) -> Any:
        body = {"query": ISSUE, "operationName": name, "variables": {"team": team.node_id}}
        return send(api, json.dumps(body).encode()).json()

    keys = f'{{ team(by: {{id: "{team.node_id}"}}) {{ apiKeys {{ totalCount }} }} }}'
    before = api.execute(keys)["team"]["apiKeys"]["totalCount"]
    assert {error["extensions"]["code"] for error in sent("Wrong")["errors"]} == {"BAD_USER_INPUT"}
    assert api.execute(keys)["team"]["apiKeys"]["totalCount"] == before
    issued = sent("Right")["data"]["issueApiKey"]
    assert issued["issuedApiKey"]["secret"]
    assert len(issued["issuedApiKey"]["apiKey"]["team"]["apiKeys"]["nodes"]) == before + 1
    assert sent("Read")["data"] == {"viewer": {"kind": "ADMIN"}}


def test_every_field_with_arguments_that_a_payload_can_reach_is_judged() -> None:
    types = build_schema()._schema.type_map.values()  # noqa: SLF001 - graphql-core's schema, to walk it
    with_arguments = {
        (parent.name, name)
        for parent in types
        if isinstance(parent, GraphQLObjectType) and not parent.name.startswith("__")
        if parent.name not in ("Query", "Mutation")
        for name, field in parent.fields.items()
        if field.args
    }
    assert with_arguments == set(JUDGED)
