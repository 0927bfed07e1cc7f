"""Who may change anything: every mutation of the schema is tried by every kind of caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
)

from schema.build import build_schema
from tests.running_api import INTERNAL_KEY, TELEGRAM_KEY
from tests.schema.teams.documents import create
from tests.schema.teams.ids import encoded
from tests.schema.teams.rows import unchanged

if TYPE_CHECKING:
    from tests.running_api import RunningApi

OPEN_TO_OTHERS = frozenset(
    {
        "openSession",
        "switchSessionModel",
        "appendMessages",
        "clearSessionHistory",
        "closeSession",
        "recordUsage",
        "admitRequest",
    }
)
"""The mutations that are not for administrators alone; each has tests of its own for who may use it."""

MUTATIONS = build_schema()._schema.mutation_type  # noqa: SLF001 - the framework has no public name for it
assert MUTATIONS is not None
ADMINISTRATIVE = sorted(set(MUTATIONS.fields) - OPEN_TO_OTHERS)

SCALARS = {"ID": encoded("Team:1"), "String": "x", "Int": 1, "Boolean": True, "Float": 1.5}


def required(kind: GraphQLInputType) -> Any:
    """Give a valid value of an input type, with what is required and nothing else."""
    if isinstance(kind, GraphQLNonNull):
        return required(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [required(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {name: required(field.type) for name, field in kind.fields.items() if is_required(field)}
    return SCALARS[kind.name]


def is_required(field: GraphQLInputField) -> bool:
    """Tell a field that has to be given."""
    return isinstance(field.type, GraphQLNonNull) and field.default is None


def call(mutation: str) -> tuple[str, dict[str, Any]]:
    """Give the document and the variables of a valid call."""
    assert MUTATIONS is not None
    kind = MUTATIONS.fields[mutation].args["input"].type
    return (
        f"mutation ($input: {kind}) {{ result: {mutation}(input: $input) {{ __typename }} }}",
        {"input": required(kind)},
    )


@pytest.mark.parametrize("mutation", ADMINISTRATIVE)
def test_nobody_but_an_administrator_changes_anything(api: RunningApi, database: str, mutation: str) -> None:
    own, other = create(api, "own"), create(api, "other")
    assert own["team"]["id"] == SCALARS["ID"]
    keys = [TELEGRAM_KEY, INTERNAL_KEY, own["issuedApiKey"]["secret"], other["issuedApiKey"]["secret"]]
    with unchanged(database):
        for key in keys:
            response = api.by(key).post(*call(mutation)).json()
            (error,) = response["errors"]
            assert error["extensions"]["code"] == "FORBIDDEN"
            assert response["data"] is None


@pytest.mark.parametrize("mutation", ADMINISTRATIVE)
def test_the_same_call_is_answered_to_an_administrator(api: RunningApi, mutation: str) -> None:
    """So that the refusals above are refusals of the caller, not of the call."""
    create(api, "own")
    assert api.execute(*call(mutation))["result"]["__typename"].isidentifier()


@pytest.mark.parametrize("mutation", ADMINISTRATIVE)
def test_who_may_not_is_told_nothing_about_what_exists(api: RunningApi, mutation: str) -> None:
    """The refusal is the same for things that are there and things that are not, and reads nothing."""
    document, variables = call(mutation)
    without_team = api.by(TELEGRAM_KEY).error(document, variables)
    create(api, "own")
    with api.counted() as statements:
        assert api.by(TELEGRAM_KEY).error(document, variables) == without_team
    assert statements == []


@pytest.mark.parametrize("mutation", ADMINISTRATIVE)
def test_without_a_key_nothing_is_even_looked_at(api: RunningApi, database: str, mutation: str) -> None:
    create(api, "own")
    document, variables = call(mutation)
    with unchanged(database):
        response = api.client.post(f"{api.address}/graphql", json={"query": document, "variables": variables})
    assert response.status_code == 401
