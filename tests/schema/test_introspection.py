"""Introspection of everything that there is, as tools ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import graphql

from schema.build import build_schema
from tests.schema.documents import EVERYTHING

if TYPE_CHECKING:
    from tests.running_api import RunningApi

ONE_OF = {"SessionBy", "TeamBy"}


def test_introspection_tells_which_input_objects_are_one_of(api: RunningApi) -> None:
    """And null of every other type, as the specification says."""
    types = api.execute(EVERYTHING)["__schema"]["types"]
    told = {described["name"]: described["isOneOf"] for described in types}
    inputs = {described["name"] for described in types if described["kind"] == "INPUT_OBJECT"}
    assert {name for name, is_one_of in told.items() if is_one_of} == ONE_OF
    assert {name for name, is_one_of in told.items() if is_one_of is False} == inputs - ONE_OF


def test_types_of_fields_can_be_asked_whether_they_are_one_of(api: RunningApi) -> None:
    """Lists and types that are not null too, which have no name: the framework's own resolver fails there."""
    asked = '{ __type(name: "Team") { fields { type { isOneOf ofType { isOneOf } } } } }'
    fields = api.execute(asked)["__type"]["fields"]
    assert {field["type"]["isOneOf"] for field in fields} == {None}


def test_the_schema_that_introspection_tells_is_the_schema(api: RunningApi) -> None:
    told = graphql.build_client_schema(api.execute(EVERYTHING))  # type: ignore[arg-type] # what the query is for
    built = graphql.build_schema(build_schema().as_str())
    assert told.type_map.keys() == built.type_map.keys()
