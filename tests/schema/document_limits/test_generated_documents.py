"""Documents made at random: counted as by following every fragment, and never answered with more than they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from graphql import FragmentDefinitionNode
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from schema.documents.shape import Shape, shapes
from tests.running_api import RunningApi, running_api
from tests.schema.document_limits.followed import Followed
from tests.schema.document_limits.generated_documents import counted_fields, generated_documents
from tests.schema.document_limits.prepared_documents import documents
from tests.schema.world import TeamRow, populate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema.documents.prepared import PreparedDocument

UNLIMITED = {
    "tokens": 100_000,
    "depth": 1_000,
    "aliases": 10**9,
    "root_fields": 10**9,
    "directives": 10**9,
}


def prepared(document: str) -> PreparedDocument:
    found = documents(**UNLIMITED).prepare(document)
    assert not found.refusals, (found.refusals, document)
    return found


def shape(found: PreparedDocument) -> Shape:
    named = {node.name.value: node for node in found.node.definitions if isinstance(node, FragmentDefinitionNode)}
    (measured,) = shapes([found.operations[0].node], named)
    return measured


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=generated_documents(), size=st.integers(0, 100))
def test_what_is_computed_once_is_what_following_every_fragment_gives(document: str, size: int) -> None:
    found = prepared(document)
    (operation,) = found.operations
    followed = Followed(found.node, {"size": size}, documents()._field_costs)  # noqa: SLF001 - the prices of the schema
    assert operation.cost({"size": size}) == followed.cost()
    measured = shape(found)
    assert (measured.aliases, measured.depth) == (followed.aliases(), followed.depth())


@pytest.fixture(scope="module")
def world(module_database: str) -> tuple[str, list[TeamRow]]:
    return module_database, populate(module_database, teams=3, sessions=2, messages=3)


@pytest.fixture(scope="module")
def reader(world: tuple[str, list[TeamRow]]) -> Iterator[RunningApi]:
    with running_api(world[0]) as api:
        yield api


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(document=generated_documents(), size=st.integers(0, 5))
def test_an_answer_holds_no_more_fields_than_its_document_cost(
    reader: RunningApi, world: tuple[str, list[TeamRow]], document: str, size: int
) -> None:
    """And a document that is refused is refused before anything was read."""
    team = world[1][0]
    variables = {"team": team.node_id, "session": team.sessions[0].node_id, "size": size}
    with reader.counted() as statements:
        body = reader.post(document, variables).json()
    refused = [error["extensions"]["code"] for error in body.get("errors", [])]
    event(f"refused: {sorted(set(refused))}")
    if refused:
        assert set(refused) == {"LIMIT_EXCEEDED"}
        assert "data" not in body
        assert statements == []
    else:
        assert counted_fields(body["data"]) <= body["extensions"]["cost"]["requested"] <= 16_000
