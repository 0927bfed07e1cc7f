"""Every limit lets through what reaches it, refuses what exceeds it, and counts fragments where they are spread."""

from __future__ import annotations

import pytest

from schema.documents.limits import LimitExceeded
from tests.processor_time import takes_less_than
from tests.schema.document_limits.prepared_documents import documents, exceeded, operation
from tests.schema.documents import EVERYTHING


def selecting(fields: int) -> str:
    return "{" + " viewer { kind }" * fields + " }"


def nested_list(levels: int) -> str:
    return "{ nodes(ids: " + "[" * levels + '"x"' + "]" * levels + ") { id } }"


AT_THE_LIMIT = {
    "root fields": ({"root_fields": 3}, selecting(3), selecting(4)),
    "depth": ({"depth": 3}, "{ viewer { team { id } } }", "{ viewer { team { quota { daily { used } } } } }"),
    "aliases": ({"aliases": 2}, "{ a: __typename b: __typename }", "{ a: __typename b: __typename c: __typename }"),
    "directives": (
        {"directives": 1},
        "{ __typename @skip(if: false) }",
        "query @skip(if: true) { __typename @skip(if: false) }",
    ),
    "operations": (
        {"operations": 2},
        "query A { __typename } query B { __typename }",
        "query A { __typename } query B { __typename } query C { __typename }",
    ),
    "input depth": ({"input_depth": 1}, nested_list(1), nested_list(2)),
}


@pytest.mark.parametrize("limit", AT_THE_LIMIT)
def test_a_limit_may_be_reached_and_not_exceeded(limit: str) -> None:
    limits, within, beyond = AT_THE_LIMIT[limit]
    assert exceeded(within, **limits) == {}
    (maximum,) = limits.values()
    found, named = exceeded(beyond, **limits)[limit]
    assert named == maximum < found


def test_fragments_count_wherever_they_are_spread() -> None:
    document = """
        { ...Root ...Root ... { viewer { kind } } }
        fragment Root on Query { a: viewer { ...Kind ...Kind } ... on Query { ...Leaf } }
        fragment Kind on Viewer { k: kind @skip(if: false) ... on Viewer { team { id } } }
        fragment Leaf on Query { __typename }
    """
    limits = {"root_fields": 0, "depth": 0, "aliases": 0, "directives": 0}
    assert exceeded(document, **limits) == {
        "root fields": (5, 0),
        "depth": (3, 0),
        "aliases": (2 * (1 + 2), 0),
        "directives": (2 * 2, 0),
    }


def test_literals_of_variables_and_directives_count_as_input() -> None:
    document = "query($ids: [ID!]! = [[[1]]]) { nodes(ids: $ids) { id @skip(if: [[[[true]]]]) } }"
    assert exceeded(document, input_depth=2) == {"input depth": (4, 2)}


@pytest.mark.parametrize(
    ("document", "limit"),
    [
        ("{" + "a " * 2_000 + "}", "tokens"),
        ("#\n" * 2_000 + "{ a }", "tokens"),
        ("{ a }" + " " * 200_000, "characters"),
        ("{a" * 201 + "}" * 201, "depth"),
        (nested_list(500), "depth"),
    ],
)
def test_a_document_that_is_too_large_is_not_even_parsed(document: str, limit: str) -> None:
    with pytest.raises(LimitExceeded) as refused:
        documents().prepare(document)
    assert (refused.value.extensions or {})["limit"] == limit


def test_a_document_of_as_many_tokens_as_allowed_is_parsed() -> None:
    operation("{" + " __typename" * 98 + "}", tokens=100, root_fields=98)
    with pytest.raises(LimitExceeded):
        operation("{" + " __typename" * 99 + "}", tokens=100, root_fields=99)


@pytest.mark.parametrize("levels", [10, 30, 60, 95])
def test_fragments_that_fan_out_are_counted_without_being_followed(levels: int) -> None:
    """Each level spreads the next one twice: 2 to the power of `levels` fields, and the test would never end."""
    fans = " ".join(f"fragment F{n} on Viewer {{ a: kind ...F{n + 1} ...F{n + 1} }}" for n in range(levels))
    document = f"{{ viewer {{ ...F0 }} }} {fans} fragment F{levels} on Viewer {{ kind }}"
    with takes_less_than(0.5):
        assert exceeded(document)["aliases"][0] == min(2**levels - 1, 2**53 - 1)
        no_aliases = document.replace("a: kind", "")
        assert operation(no_aliases).cost({}) == 1 + 2**levels


def test_fragments_within_each_other_are_bounded_before_anything_follows_them() -> None:
    chain = " ".join(f"fragment F{n} on Viewer {{ ...F{n + 1} }}" for n in range(150))
    document = f"{{ viewer {{ ...F0 }} }} {chain} fragment F150 on Viewer {{ kind }}"
    assert exceeded(document) == {"nesting of fragments": (153, 100)}


@pytest.mark.parametrize(
    "document",
    [
        "{ viewer { ...A } } fragment A on Viewer { kind ...A }",
        "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { team { id } ...A }",
        "{ viewer { kind } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }",
    ],
)
def test_fragments_that_spread_themselves_are_refused_by_validation(document: str) -> None:
    refusals = documents().prepare(document).refusals
    assert any("within itself" in refusal.message for refusal in refusals)


@pytest.mark.parametrize("fields", ["kind " * 1_990, "kind " * 400, "team { id } " * 240])
def test_many_equal_fields_do_not_hold_the_process(fields: str) -> None:
    """The rule that compares every field with every other is stopped early; where, is a number of comparisons.

    All but the first would be compared to the end by the library's own measure.
    """
    document = f"{{ viewer {{ {fields}}} }}"
    assert [refusal.message for refusal in documents().prepare(document).refusals] == ["Validation aborted."]
    operation("{ viewer { " + "kind " * 200 + "} }")


def test_what_tools_ask_for_first_is_within_the_limits() -> None:
    """What GraphiQL itself sends is watched in the browser."""
    assert operation(EVERYTHING).cost({}) < 10_000
