"""What callers are told of limits and costs, and that nothing was read or changed where a document is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from graphql_api.settings import load_settings
from schema.documents.exploration import Exploration
from tests.running_api import RunningApi, running_api
from tests.schema.world import TeamRow, add_teams, populate

if TYPE_CHECKING:
    from collections.abc import Iterator

THREE_PAGES = "{ teams { nodes { sessions { nodes { messages { nodes { id } } } } } } }"
BEYOND = {
    "cost": THREE_PAGES,
    "depth": "{" + "viewer{team{apiKeys{nodes{" + "team{apiKeys{nodes{" * 30 + "id" + "}" * 94 + "}",
    "aliases": "{ teams { " + " ".join(f"a{place}: totalCount" for place in range(51)) + " } }",
    "root fields": "{" + "teams { totalCount } " * 31 + "}",
    "directives": "{ teams { " + "totalCount @skip(if: false) " * 51 + "} }",
    "operations": "query Q0 { teams { totalCount } }" + "".join(f"query Q{n} {{ __typename }}" for n in range(1, 21)),
    "input depth": "{ teams { totalCount } nodes(ids: " + "[" * 9 + "]" * 9 + ") { id } }",
    "tokens": "{ teams { totalCount } }" + "#\n" * 2_000,
    "characters": "{ teams { totalCount } }" + " " * 200_000,
    "nesting of fragments": "{ teams { totalCount } viewer { " + "... { " * 101 + "kind" + " }" * 101 + " } }",
    "input values": "{ teams { totalCount } }",
    "input length": "{ teams { totalCount } }",
}
VARIABLES: dict[str, dict[str, Any]] = {
    "input values": {f"unused{number}": {"a": 1} for number in range(5_001)},
    "input length": {"unused": [1] * 201},
}


@pytest.fixture(scope="module")
def world(module_database: str) -> tuple[str, list[TeamRow]]:
    return module_database, populate(module_database, teams=8, sessions=1, messages=1)


@pytest.fixture(scope="module")
def reader(world: tuple[str, list[TeamRow]]) -> Iterator[RunningApi]:
    with running_api(world[0]) as api:
        yield api


@pytest.mark.parametrize("limit", BEYOND)
def test_a_document_beyond_a_limit_is_refused_before_anything_is_read(reader: RunningApi, limit: str) -> None:
    with reader.counted() as statements:
        error = reader.error(BEYOND[limit], VARIABLES.get(limit))
    assert statements == []
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert error["extensions"]["limit"] == limit
    maximum = error["extensions"]["maximum"]
    assert f"{limit} may be at most {maximum}" in error["message"]
    assert error["extensions"].get("found", maximum + 1) > maximum


def test_a_mutation_beyond_a_limit_changes_nothing(reader: RunningApi) -> None:
    create = 'createTeam(input: {displayName: "one too many", platformName: "n"}) { ... on CreateTeamSuccess '
    payload = "{ team { sessions { nodes { team { sessions { nodes { messages { nodes { id } } } } } } } } }"
    error = reader.error("mutation { " + create + payload + " } }")
    assert error["extensions"]["limit"] == "cost"
    assert reader.execute('{ team(by: {displayName: "one too many"}) { id } }') == {"team": None}


def test_variables_may_be_as_deep_as_literals(reader: RunningApi) -> None:
    deep: Any = "x"
    for _ in range(9):
        deep = [deep]
    error = reader.error("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": deep})
    assert (error["extensions"]["limit"], error["extensions"]["found"]) == ("input depth", 9)


def test_every_answer_says_what_its_document_cost(reader: RunningApi) -> None:
    document = "query($n: Int) { teams(first: $n) { nodes { id } } }"
    for size, cost in ((1, 8), (3, 12), (100, 206)):
        body = reader.post(document, {"n": size}).json()
        assert body["extensions"] == {"cost": {"requested": cost, "maximum": 16_000}}
    refused = reader.post(THREE_PAGES).json()
    assert refused["extensions"]["cost"]["requested"] > 16_000
    # A page out of bounds is refused by the field, with the bound, and not for its cost.
    assert "`first` has to be 0 to 100" in reader.error(document, {"n": 1_000_000})["message"]


def test_a_cost_beyond_all_numbers_is_still_json(reader: RunningApi) -> None:
    fans = " ".join(f"fragment F{n} on Viewer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(90))
    body = reader.post(f"{{ viewer {{ ...F0 }} }} {fans} fragment F90 on Viewer {{ kind }}").json()
    assert body["extensions"]["cost"]["requested"] == body["errors"][0]["extensions"]["found"] == 2**53 - 1
    assert "more than a thousand million" in body["errors"][0]["message"]


def test_a_limit_can_be_set(world: tuple[str, list[TeamRow]]) -> None:
    with running_api(world[0], graphql_maximum_cost=5, graphql_maximum_aliases=0) as api:
        assert api.error("{ a: __typename }")["extensions"]["limit"] == "aliases"
        assert api.error("{ teams { totalCount } }")["extensions"] == {
            "code": "LIMIT_EXCEEDED",
            "limit": "cost",
            "maximum": 5,
            "found": 10,
        }


def test_the_names_of_the_settings_are_those_of_the_limits() -> None:
    settings = load_settings().model_copy(update={"graphql_maximum_input_depth": 3})
    assert settings.document_limits().input_depth == 3


def test_one_document_may_be_asked_for_with_differing_variables(reader: RunningApi) -> None:
    """Documents are kept; what depends on variables is not."""
    document = "query($n: Int!, $with: Boolean!) { teams(first: $n) { nodes { id @include(if: $with) } } }"
    for size in (1, 2, 3):
        shown = reader.execute(document, {"n": size, "with": size != 2})["teams"]["nodes"]
        assert [set(node) for node in shown] == [set() if size == 2 else {"id"}] * size
    assert "$n" in reader.error(document, {"with": True})["message"]


def test_at_most_five_errors_are_told_and_none_twice(reader: RunningApi) -> None:
    errors = reader.post("{ " + " ".join(f"unknown{n}" for n in range(9)) + " }").json()["errors"]
    assert [error["message"].partition("'")[2][:8] for error in errors] == [f"unknown{n}" for n in range(5)]
    assert len(reader.post("{ " + "unknown " * 9 + " }").json()["errors"]) == 1
    # Each of eight teams fails, for the same reason.
    body = reader.post("{ teams { nodes { apiKeys(first: 101) { totalCount } } } }").json()
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]


def test_a_long_name_is_not_repeated_at_length(reader: RunningApi) -> None:
    errors = reader.post("{ " + "x" * 100_000 + " }").json()["errors"]
    assert len(json.dumps(errors)) < 1_500


INTROSPECTIONS = [
    "{ __schema { queryType { name } } }",
    '{ __type(name: "Team") { name } }',
    "{ ...Hidden } fragment Hidden on Query { ... { __schema { queryType { name } } } }",
]


@pytest.mark.parametrize("document", INTROSPECTIONS)
def test_introspection_is_for_whom_the_setting_says(world: tuple[str, list[TeamRow]], document: str) -> None:
    database, (team, *_) = world
    with running_api(database, graphql_exploration=Exploration.ADMINS) as api:
        assert api.execute(document)
        error = api.by(team.keys[0].secret).error(document)
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert "Introspection is for administrators" in error["message"]
        assert api.by(team.keys[0].secret).execute("{ __typename viewer { __typename } }")
    with running_api(database) as api:
        assert api.by(team.keys[0].secret).execute(document)


@pytest.mark.parametrize(
    ("document", "variables", "told"),
    [
        ("{ team { id } }", {}, "'TeamBy!' is required"),
        ("mutation { closeSession(input: {}) { __typename } }", {}, "field 'sessionId'"),
        ("mutation($input: CloseSessionInput!) { closeSession(input: $input) { __typename } }", {"input": {}}, "field"),
    ],
)
def test_what_is_required_is_told_to_everybody(
    world: tuple[str, list[TeamRow]], document: str, variables: dict[str, Any], told: str
) -> None:
    """As the documentation says: who knows a name may use it, and learns what is missing."""
    database, (team, *_) = world
    with running_api(database, graphql_exploration=Exploration.ADMINS) as api:
        assert told in api.by(team.keys[0].secret).error(document, variables)["message"]


def test_refused_documents_are_not_kept(database: str) -> None:
    """What a caller may not do today must not depend on what was done with the document before."""
    add_teams(database, {})
    with running_api(database) as api:
        for _ in range(2):
            assert api.error(THREE_PAGES)["extensions"]["limit"] == "cost"
            assert api.error("{ nothing }")["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
            assert api.error("{")["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
