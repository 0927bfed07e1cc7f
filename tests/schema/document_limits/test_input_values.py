"""What variables hold is bounded before any of it is read, and faults are not repeated at length."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from schema.documents.checks import INPUT_LENGTH_MAXIMUM, INPUT_VALUES_MAXIMUM
from schema.documents.limits import DocumentLimits
from schema.documents.prepared import FAULTS_MAXIMUM
from tests.schema.document_limits.prepared_documents import cost, documents

if TYPE_CHECKING:
    from tests.running_api import RunningApi

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
MANY_OBJECTS = {f"unused{number}": {"a": 1} for number in range(INPUT_VALUES_MAXIMUM // 2)}


@pytest.mark.parametrize(
    ("variables", "limit", "maximum", "found"),
    [
        ({"ids": ["x"] * (INPUT_LENGTH_MAXIMUM + 1)}, "input length", INPUT_LENGTH_MAXIMUM, {"found": 201}),
        (
            {"ids": ["x"], "unused": {"within": [[1] * (INPUT_LENGTH_MAXIMUM + 2)]}},
            "input length",
            INPUT_LENGTH_MAXIMUM,
            {"found": 202},
        ),
        # What is too much altogether is not counted to its end.
        ({"ids": ["x"], **MANY_OBJECTS}, "input values", INPUT_VALUES_MAXIMUM, {}),
        ({"ids": ["x"] * (INPUT_VALUES_MAXIMUM + 1)}, "input values", INPUT_VALUES_MAXIMUM, {}),
    ],
)
def test_variables_that_hold_too_much_are_refused_before_they_are_read(
    module_api: RunningApi, variables: dict[str, Any], limit: str, maximum: int, found: dict[str, int]
) -> None:
    """A list is read anew wherever its variable is used: thirty mutations with one list took seconds."""
    error = module_api.error(NODES, variables)
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": limit, "maximum": maximum, **found}
    assert f"{limit} may be at most {maximum}" in error["message"]


def test_variables_may_hold_as_much_as_is_allowed(module_api: RunningApi) -> None:
    """What is a little too long for its field is refused by that field, with the field's own bound."""
    assert "at most 100 ids" in module_api.error(NODES, {"ids": ["x"] * INPUT_LENGTH_MAXIMUM})["message"]
    # The variables themselves count too: two of them, and what `ids` and `unused` hold.
    unused = {f"key{number}": 1 for number in range(INPUT_VALUES_MAXIMUM - 3)}
    assert module_api.execute(NODES, {"ids": ["x"], "unused": unused}) == {"nodes": [None]}


def test_validation_stops_after_some_faults() -> None:
    """Each unknown field of an input is told with the whole input: the time goes with the square of its fields."""
    unknown = " ".join(f"unknown{number}: 1" for number in range(600))
    refusals = documents().prepare(f"{{ team(by: {{{unknown}}}) {{ id }} }}").refusals
    # One more says that it was stopped.
    assert len(refusals) == FAULTS_MAXIMUM + 1


@pytest.mark.parametrize(
    ("field", "characters"),
    [
        ("... on ApiKey { description }", 10_000),
        ("... on Team { effectiveConfig { availableModels } }", 100 * 255),
        ("... on Team { overrides { availableModels } }", 100 * 255),
        ("... on Team { effectiveConfig { resolution { value } } }", 100 * 255 + 255),
        ("... on Team { effectiveConfig { resolution { layers { value } } } }", 2 * (100 * 255 + 255)),
    ],
)
def test_what_may_be_long_is_priced_so_that_no_answer_holds_more_than_fifty_million_characters(
    field: str, characters: int
) -> None:
    """What is asked for again under an alias costs the least, since all around it was paid for."""
    again = re.sub(r"(\w+)((?: })+)$", r"\1 again: \1\2", field)
    price = cost(f'{{ node(id: "x") {{ {again} }} }}') - cost(f'{{ node(id: "x") {{ {field} }} }}')
    assert DocumentLimits.cost // price * characters <= 50_000_000
