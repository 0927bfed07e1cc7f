"""Numbers, moments, truth values and enums at every place that takes them: out of range, of another type, or absurd."""

from __future__ import annotations

from typing import TYPE_CHECKING

import graphql
import pytest

from tests.schema.inputs.calls import calls
from tests.schema.inputs.outcomes import inspect, messages, outcome, send
from tests.schema.inputs.places import SCHEMA, Place, body_with_literals, body_with_variables, places
from tests.schema.teams.rows import unchanged
from tests.schema.world import TeamRow, populate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.running_api import RunningApi

REFUSED = {"BAD_USER_INPUT", "BAD_REQUEST", "GRAPHQL_VALIDATION_FAILED"}
ENUMS = tuple(
    name
    for name, kind in SCHEMA.type_map.items()
    if isinstance(kind, graphql.GraphQLEnumType) and not graphql.is_introspection_type(kind)
)

DIGITS = "9" * 5000
ANYTHING = ("[]", "{}", '""', f'"{"x" * 5000}"')
INT_BOUNDS = "-2147483648 to 2147483647"
# As they stand in a document; in variables, as JSON.
WRONG = {
    "Int": ("2147483648", "-2147483649", DIGITS, f"-{DIGITS}", "1.5", "1e400", '"1"', "true", *ANYTHING),
    "Float": ("true", '"1"', '"inf"', '"nan"', *ANYTHING),
    "Boolean": ("0", "1", '"true"', "1.5", DIGITS, *ANYTHING),
    "DateTime": (
        '"0000-01-01T00:00:00Z"',
        '"0001-01-01T00:00:00+00:01"',
        '"9999-12-31T23:59:59-23:59"',
        '"10000-01-01T00:00:00Z"',
        '"2099-12-31T23:59:60Z"',
        '"2099-12-31T24:00:00Z"',
        '"2099-02-30T00:00:00Z"',
        '"2099-12-31T23:59:59.0123456789Z"',
        '"2099-12-31T23:59:59"',
        '"2099-12-31T23:59:59+00:60"',
        '"2099-12-31T23:59:59+24:00"',
        f'"{DIGITS}"',
        "4073328000",
        DIGITS,
        "1.5",
        "true",
        *ANYTHING,
    ),
    "an enum": ('"public"', '"Private"', "0", "true", "1.5", DIGITS, *ANYTHING),
}
# An enum's name takes no quotes in a document.
WRONG_NAMES = ("public", "Public", "NOTHING", "N" * 5000)

PLACES = {str(place): place for place in places("Int", "Float", "Boolean", "DateTime", *ENUMS)}


@pytest.fixture(scope="module")
def team(module_database: str) -> TeamRow:
    """A team with keys, sessions and messages."""
    (row,) = populate(module_database, platform_name="of-values", display_name="of-values")
    return row


def wrong_bodies(place: Place, team: TeamRow) -> Iterator[tuple[str, bytes]]:
    """Give requests with values that do not fit, each with the value."""
    call = calls(team)[f"{place.type_name}.{place.field}"]
    is_enum = place.scalar in ENUMS
    for value in WRONG["an enum" if is_enum else place.scalar]:
        yield value, body_with_variables(place, call, None, raw=value)
        yield value, body_with_literals(place, call, value)
    if is_enum:
        for value in WRONG_NAMES:
            yield value, body_with_literals(place, call, value)


def test_every_field_that_takes_arguments_has_a_call(team: TeamRow) -> None:
    fields = {
        f"{kind.name}.{name}"
        for kind in SCHEMA.type_map.values()
        if isinstance(kind, graphql.GraphQLObjectType) and not graphql.is_introspection_type(kind)
        for name, field in kind.fields.items()
        if field.args
    }
    assert fields == calls(team).keys(), "tests/schema/inputs/calls.py"


def test_every_scalar_that_is_taken_somewhere_is_tried() -> None:
    scalars = [name for name, kind in SCHEMA.type_map.items() if isinstance(kind, graphql.GraphQLScalarType)]
    assert {place.scalar for place in places(*scalars)} <= {"String", "ID", *WRONG}


@pytest.mark.parametrize("name", sorted(PLACES))
def test_a_value_that_does_not_fit_is_the_callers_mistake(
    module_api: RunningApi, module_database: str, team: TeamRow, name: str
) -> None:
    place = PLACES[name]
    with unchanged(module_database):
        for value, body in wrong_bodies(place, team):
            response = send(module_api, body)
            assert outcome(response, place) in REFUSED, value[:50]
            told = [message for message, code in messages(response.json()) if code != "BAD_REQUEST"]
            bound = {"Int": INT_BOUNDS, "DateTime": "0001 to 9999"}.get(place.scalar, "")
            assert all(bound in message for message in told), told


@pytest.mark.parametrize("name", sorted(name for name, place in PLACES.items() if place.scalar == "Int"))
def test_the_largest_and_smallest_numbers_are_judged_by_what_they_are_for(
    module_api: RunningApi, team: TeamRow, name: str
) -> None:
    place = PLACES[name]
    for value in (2**31 - 1, -(2**31)):
        call = calls(team)[f"{place.type_name}.{place.field}"]
        for body in (body_with_variables(place, call, value), body_with_literals(place, call, str(value))):
            response = send(module_api, body)
            inspect(response)
            assert response.status_code == 200
            assert {code for _, code in messages(response.json())} <= {"", "TOO_SMALL", "TOO_LARGE", "BAD_USER_INPUT"}


COST = PLACES["Mutation.recordUsage(input.estimatedCost)"]


@pytest.mark.parametrize("literal", ["1e400", "-1e400", DIGITS, f"-{DIGITS}.5", "1e300", "1000000000.5", "-0.1"])
def test_a_number_beyond_all_numbers_is_beyond_the_bound(
    module_api: RunningApi, module_database: str, team: TeamRow, literal: str
) -> None:
    with unchanged(module_database):
        response = send(module_api, body_with_literals(COST, calls(team)["Mutation.recordUsage"], literal))
    expected = "TOO_SMALL" if literal.startswith("-") else "TOO_LARGE"
    assert outcome(response, COST) == expected
    assert "0 to 1,000,000,000" in response.text


@pytest.mark.parametrize("raw", ["1e400", "-1e400", "NaN", "Infinity", "-Infinity", "01", "0x10", "1_000", ".5", "+1"])
def test_what_is_no_number_of_json_is_no_request(module_api: RunningApi, team: TeamRow, raw: str) -> None:
    body = body_with_variables(COST, calls(team)["Mutation.recordUsage"], None, raw=raw)
    assert outcome(send(module_api, body), COST) == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("field", "chosen"),
    [
        ("team", "{}"),
        ("team", '{id: "x", platformName: "y"}'),
        ("team", "{id: null}"),
        ("team", '{id: null, platformName: "y"}'),
        ("team", "null"),
        ("team", "[]"),
        ("team", '"x"'),
        ("session", "{}"),
        ("session", '{id: "x", sessionId: "y"}'),
        ("session", "{key: null}"),
        ("session", "{id: null, key: null}"),
        ("session", "null"),
        ("session", "[1]"),
    ],
)
def test_of_several_ways_to_find_something_exactly_one_is_named(
    module_api: RunningApi, field: str, chosen: str
) -> None:
    response = module_api.post(f"{{ {field}(by: {chosen}) {{ id }} }}")
    assert {code for _, code in messages(response.json())} == {"GRAPHQL_VALIDATION_FAILED"}
    inspect(response)
    as_json = chosen.replace("{", '{"').replace(": ", '": ').replace(", ", ', "') if ":" in chosen else chosen
    kind = {"team": "TeamBy", "session": "SessionBy"}[field]
    body = f'{{"query": "query($by: {kind}!) {{ {field}(by: $by) {{ id }} }}", "variables": {{"by": {as_json}}}}}'
    response = send(module_api, body.encode())
    assert {code for _, code in messages(response.json())} == {"BAD_USER_INPUT"}
    inspect(response)


@pytest.mark.parametrize("name", ["field", "argument", "fragment", "type", "variable", "operation", "input field"])
def test_a_name_of_any_length_is_not_repeated_at_length(module_api: RunningApi, name: str) -> None:
    long = "n" * 100_001
    documents = {
        "field": f"{{ {long} }}",
        "argument": f"{{ teams({long}: 1) {{ totalCount }} }}",
        "fragment": f"{{ ...{long} }}",
        "type": f"{{ node(id: 1) {{ ... on {long} {{ id }} }} }}",
        "variable": f"query(${long}: Int) {{ teams(first: ${long}, last: ${long}) {{ totalCount }} }}",
        "operation": f"query {long} {{ teams(first: 101) {{ totalCount }} }} {{ viewer {{ name }} }}",
        "input field": f"{{ teams(filter: {{{long}: 1}}) {{ totalCount }} }}",
    }
    response = module_api.post(documents[name], {long: 1})
    assert response.json()["errors"]
    inspect(response)
