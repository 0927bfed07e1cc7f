"""Messages of the GraphQL library: in the words of GraphQL, short, and judged in no time whatever a caller put in."""

from __future__ import annotations

import pytest

from schema.messages import told
from tests.processor_time import takes_less_than

MANY = 20_000


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Int cannot represent non-integer value: True", "An Int has to be a whole number from"),
        (
            "Expected value of type 'Int', but encountered error 'Exceeds the limit (4300 digits)'; found: 9",
            "An Int has",
        ),
        (
            "Variable '$v' has invalid value at .a[0].b: ID cannot represent value: None",
            "at .a[0].b: An ID has to be text",
        ),
        (
            "Expected value of non-null type '[ID!]!' not to be None.",
            "The value has to be of type '[ID!]' and not null.",
        ),
        (
            "Expected value of type 'TeamBy' to be an object, found: [None].",
            "The value has to be an object of type 'TeamBy'.",
        ),
        ("Expected value of type 'A' not to include unknown field 'x', found: {'x': True}.", "unknown field 'x'."),
        (
            "Expected value of type 'A' to include required field 'b', found: {'c': True, 'd': None}.",
            "Expected value of type 'A' to include required field 'b'.",
        ),
        (
            "Variable '$v' has invalid value: Expected value of type 'A!' to include required field 'b', found: {}.",
            "Variable '$v' has invalid value: Expected value of type 'A!' to include required field 'b'.",
        ),
        (
            "Enum 'A' cannot represent non-string value: ['B']. Did you mean the enum value 'B'?",
            "Did you mean the enum value",
        ),
        ("Cannot query field 'None' on type 'Query'.", "Cannot query field 'None' on type 'Query'."),
    ],
)
def test_a_message_is_told_in_the_words_of_graphql(message: str, expected: str) -> None:
    assert expected in told(message)
    assert "Exceeds" not in told(message)
    assert "True" not in told(message)
    assert "found: {" not in told(message)


@pytest.mark.parametrize(
    "text",
    [
        "Expected value of non-null type '" * MANY,
        "Enum 'A' cannot represent " * MANY,
        " Did you mean " * MANY,
        "Variable '$v' has invalid value at " * MANY,
        "Expected value of type 'A' not to include unknown field 'x" * MANY,
        "Expected value of type 'A' to include required field 'x" * MANY,
        "'" * MANY * 10,
    ],
    ids=lambda text: text[:20],
)
@pytest.mark.parametrize(
    "around", ["%s", "Value '%s' does not exist in 'A' enum.", "Enum 'A' cannot represent value: %s"]
)
def test_a_callers_text_within_a_message_takes_no_time(text: str, around: str) -> None:
    with takes_less_than(1):
        assert len(told(around % text)) <= 250
