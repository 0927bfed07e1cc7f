"""What documents cost: each field as often as it is selected, and what people ask for is within the limits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from schema.documents.limits import DocumentLimits
from schema.documents.prepared import Documents
from tests.schema.document_limits.prepared_documents import built, cost

ROOT = Path(__file__).parents[3]
EXAMPLES_IN = ROOT / "graphql_api/graphiql/src/examples"
EXAMPLES = {path.name: path.read_text(encoding="utf-8") for path in EXAMPLES_IN.glob("*.graphql")}
README = re.findall(r"```graphql\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
TEAMS = 1 + 5  # `teams` weighs 5, and `nodes` 1
MAXIMUM = DocumentLimits.cost


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ __typename }", 1),
        ("{ viewer { kind name } }", 3),
        ("{ viewer { kind kind } }", 3),
        ("{ a: viewer { kind } b: viewer { kind } }", 4),
        ("{ viewer { kind @skip(if: true) } }", 2),
        ("{ teams(first: 0) { nodes { id } } }", TEAMS),
        ("{ teams(first: 1) { nodes { id } } }", TEAMS + 2),
        ("{ teams { nodes { id } } }", TEAMS + 20 * 2),
        ("{ teams(first: 100) { nodes { id } } }", TEAMS + 100 * 2),
        ("{ teams(last: 7) { nodes { id } } }", TEAMS + 7 * 2),
        ("{ teams(first: null, last: 7) { nodes { id } } }", TEAMS + 7 * 2),
        ("{ teams(first: 3, last: 7) { nodes { id } } }", TEAMS + 7 * 2),
        # Out of bounds: refused by the field, with the bound; here it is a page as large as there is.
        ("{ teams(first: 2147483647) { nodes { id } } }", TEAMS + 100 * 2),
        ("{ teams(first: -1) { nodes { id } } }", TEAMS),
        ("{ teams(first: -2147483648) { nodes { id } } }", TEAMS),
        ("{ nodes(ids: %s) { id } }" % ("9" * 5000), 1 + 2),
        ("{ teams(first: 10) { edges { cursor node { id } } pageInfo { endCursor } totalCount } }", TEAMS + 10 * 4 + 7),
        ("{ teams(first: 10) { nodes { id } edges { cursor } } }", TEAMS + 1 + 10 * 4),
        ("{ teams(first: 10) { nodes { apiKeys(first: 3) { nodes { id } } } } }", TEAMS + 10 * (1 + 6 + 3 * 2)),
        ('{ nodes(ids: ["a", "b"]) { id } }', 1 + 2 * 2),
        ('{ nodes(ids: "a") { id } }', 1 + 2),
        # One value is a list of one, also where it is a number.
        ("{ nodes(ids: 0) { id } }", 1 + 2),
        ("{ nodes(ids: 7) { id } }", 1 + 2),
        ("{ nodes(ids: []) { id } }", 1),
        # A thing is of one type: the dearest counts.
        ('{ node(id: "x") { ... on Team { id quota { daily { used } } } ... on Session { id } id } }', 1 + (1 + 7 + 1)),
    ],
)
def test_a_document_costs_what_is_selected_as_often_as_it_is(document: str, expected: int) -> None:
    """In a list each entry costs 1 of its own."""
    assert cost(document) == expected


@pytest.mark.parametrize(
    ("variables", "size"),
    [
        ({}, 20),
        ({"n": None}, 20),
        ({"n": 0}, 0),
        ({"n": 100}, 100),
        ({"n": 50.0}, 50),
        ({"n": 10**30}, 100),
        ({"n": -5}, 0),
        ({"n": True}, 20),
        ({"n": "7"}, 20),
        ({"other": 3}, 20),
    ],
)
def test_a_page_counts_as_often_as_its_variable_says(variables: dict[str, object], size: int) -> None:
    document = "query($n: Int) { teams(first: $n) { nodes { id apiKeys(first: $n) { nodes { id } } } } }"
    assert cost(document, **variables) == TEAMS + size * (1 + 1 + TEAMS + size * 2)


@pytest.mark.parametrize(
    ("ids", "size"), [(0, 1), (7, 1), ("a", 1), ([], 0), (["a"] * 3, 3), (["a"] * 150, 100), (None, 100)]
)
def test_a_list_counts_by_its_length_whatever_is_in_it(ids: object, size: int) -> None:
    """One value for a list is a list of one. What is null is refused, and priced at the most there may be."""
    assert cost("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids) == 1 + size * 2


def test_the_default_of_a_variable_counts_until_the_caller_gives_a_value() -> None:
    document = "query($n: Int = 3, $ids: [ID!]! = [1, 2]) { teams(first: $n) { nodes { id } } nodes(ids: $ids) { id } }"
    assert cost(document) == TEAMS + 3 * 2 + 1 + 2 * 2
    assert cost(document, n=4, ids=["a"] * 5) == TEAMS + 4 * 2 + 1 + 5 * 2


def test_the_size_of_a_page_in_a_fragment_is_that_of_the_operation_that_runs() -> None:
    document = """
        query A($n: Int = 1) { ...Page } query B($n: Int = 2) { ...Page }
        fragment Page on Query { teams(first: $n) { nodes { id } } }
    """
    prepared = Documents(built(), DocumentLimits()).prepare(document)
    costs = [operation.cost({}) for operation in prepared.operations]
    assert costs == [TEAMS + 2, TEAMS + 4]


@pytest.mark.parametrize(
    "document",
    [
        "{ teams { nodes { sessions { nodes { messages { nodes { id } } } } } } }",
        "{ teams(first: 100) { nodes { sessions(first: 100) { nodes { messages(first: 100) { nodes { id } } } } } } }",
        "{ teams { edges { node { sessions { edges { node { messages { edges { cursor } } } } } } } } }",
        "{ sessions { nodes { team { apiKeys { nodes { team { sessions { nodes { id } } } } } } } } }",
    ],
)
def test_a_page_of_pages_of_pages_is_beyond_the_limit(document: str) -> None:
    assert cost(document) > MAXIMUM


@pytest.mark.parametrize(
    "document",
    [
        # What an admin front end shows at once.
        """{ teams(first: 100) { nodes {
            id displayName platformName platformType monthlyQuota dailyQuota isActive revision createdAt updatedAt
            effectiveConfig { model availableModels rateLimit maxHistory allowModelSwitch
                resolution { setting source } }
            sessions(first: 5) { nodes { id userId platform currentModel isActive lastActivityAt } }
            apiKeys(first: 2) { nodes { id prefix description isActive } }
        } } }""",
        # Everything of a page of configurations.
        """{ teams(first: 100) { nodes { id displayName effectiveConfig { platformType model availableModels rateLimit
            maxHistory allowModelSwitch requiresAuth commands
            resolution { setting value source isRedundant layers { source isSet value } }
            violations { code setting message } } } } }""",
        "{ sessions(first: 30) { nodes { id effectiveConfig { maxHistory } history { content } } } }",
        "{ teams(first: 100) { nodes { id quota { daily { used limit } monthly { used limit } } } } }",
        "{ viewer { team { usage { byDay { day requests tokens estimatedCost } byModel { model requests } } } } }",
        *README,
    ],
)
def test_what_people_ask_for_is_within_the_limits(document: str) -> None:
    """All operations of the README are among them; they have no variables."""
    prepared = Documents(built(), DocumentLimits()).prepare(document)
    assert not prepared.refusals
    assert all(operation.cost({}) <= MAXIMUM for operation in prepared.operations)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_graphiql_are_within_the_limits(name: str) -> None:
    """With the variables that are filled in beside them."""
    prepared = Documents(built(), DocumentLimits()).prepare(EXAMPLES[name])
    variables = json.loads((EXAMPLES_IN / name).with_suffix(".json").read_text(encoding="utf-8"))
    assert not prepared.refusals
    assert all(operation.cost(variables) <= MAXIMUM for operation in prepared.operations)


def test_graphiql_has_examples() -> None:
    assert len(EXAMPLES) > 1


def test_introspection_is_paid_for() -> None:
    """At a twentieth; the list of types as long as it is."""
    types = len(built().type_map)
    assert cost("{ __schema { types { name } } }") == 1 + -(-(1 + types * 2) // 20)
    assert cost("{ __schema { types { fields { name } } } }") == 1 + -(-(1 + types * (1 + 1 + 10 * 2)) // 20)


def test_the_text_of_a_message_weighs_more_than_its_id() -> None:
    asked = '{ node(id: "x") { ... on Message { %s } } }'
    assert cost(asked % "content") > cost(asked % "id") == 1 + 1
