"""The public schema: committed as it is, described throughout, and without a word about secrets but one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import graphql
import pytest

import schema.build
from schema.build import build_schema, sdl
from tests.schema.documents import public_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMITTED = Path(schema.build.__file__).parent / "schema.graphql"
SECRETIVE = re.compile(r"secret|hash|digest|token(?!s)|password|credential|private_?key", re.IGNORECASE)


def described(public: graphql.GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Walk over everything that is this API's own, by its coordinate, with its description."""
    for name, kind in public.type_map.items():
        if graphql.is_introspection_type(kind) or graphql.is_specified_scalar_type(kind):
            continue
        yield name, kind.description
        if isinstance(kind, graphql.GraphQLEnumType):
            yield from ((f"{name}.{value}", entry.description) for value, entry in kind.values.items())
        elif isinstance(kind, graphql.GraphQLInputObjectType):
            yield from ((f"{name}.{field}", entry.description) for field, entry in kind.fields.items())
        elif isinstance(kind, graphql.GraphQLObjectType | graphql.GraphQLInterfaceType):
            for field, definition in kind.fields.items():
                yield f"{name}.{field}", definition.description
                yield from (
                    (f"{name}.{field}({argument}:)", entry.description) for argument, entry in definition.args.items()
                )


def test_the_committed_schema_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == sdl(build_schema()), "run `python -m graphql_api export-schema`"


def test_the_schema_is_built_the_same_each_time() -> None:
    """Nothing of one process, or of its settings, is in it."""
    assert sdl(build_schema()) == sdl(build_schema())


def test_everything_is_described() -> None:
    entries = dict(described(public_schema()))
    assert {"Team", "Team.apiKeys(first:)", "TeamBy.id", "ConfigSetting.RATE_LIMIT", "DateTime"} <= entries.keys()
    assert [name for name, text in entries.items() if not text or text != text.strip()] == []


def test_descriptions_speak_to_callers_of_graphql() -> None:
    python = re.compile(r"\b(None|UNSET|True or False|self|Args:|Returns:)\b")
    assert [name for name, text in described(public_schema()) if python.search(text or "")] == []


def test_one_field_shows_a_secret_and_no_other_is_about_one() -> None:
    secretive = [name for name, _ in described(public_schema()) if SECRETIVE.search(name)]
    # When the old one of two ends is no secret; the type of what shows the new one is covered below.
    assert secretive == ["IssuedApiKey.secret", "RotateApiKeySuccess.previousSecretExpiresAt"]


@pytest.mark.parametrize("name", ["IssuedApiKey"])
def test_no_query_leads_to_the_secret(name: str) -> None:
    """It is shown by the mutation that makes it."""
    public = public_schema()
    reached: set[str] = set()
    waiting: list[graphql.GraphQLNamedType] = [public.query_type] if public.query_type else []
    while waiting:
        kind = waiting.pop()
        if kind.name in reached:
            continue
        reached.add(kind.name)
        if isinstance(kind, graphql.GraphQLInterfaceType):
            waiting += public.get_implementations(kind).objects
        if isinstance(kind, graphql.GraphQLObjectType | graphql.GraphQLInterfaceType):
            waiting += [graphql.get_named_type(field.type) for field in kind.fields.values()]
    assert {"Team", "ApiKey", "Session", "Message"} <= reached
    assert name not in reached


def test_there_are_no_subscriptions() -> None:
    assert public_schema().subscription_type is None
