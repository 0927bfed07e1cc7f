"""What is kept of checks is what they come to anew, whatever was asked for before, and is bounded."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import pytest

from domain.platform import PlatformType
from domain.viewer import Admin, Service
from schema.documents.checks import INPUT_VALUES_MAXIMUM, Checks
from schema.documents.exploration import Exploration
from schema.documents.passed import BYTES_KEPT_MAXIMUM, KEPT_MAXIMUM, PassedBySizes
from schema.documents.prepared import Checked, cost_told
from tests.schema.document_limits.prepared_documents import documents, operation

TESTER = Admin("tester")
ONE = "query Pages($n: Int, $name: String!) { teams(first: $n) { nodes { id } } team(by: {displayName: $name}) { id } }"
TWO = """
    query Pages($n: Int = 3, $name: Int) {
        teams(first: $n, last: $name) { nodes { id apiKeys(first: $n) { nodes { id } } } }
    }
"""
LIST = "query Pages($n: [ID!] = [1, 2], $name: Int) { nodes(ids: $n) { id } teams(last: $name) { nodes { id } } }"
SPREAD = """
    query Pages($n: Int, $name: Int) { node(id: 1) { ...Some ... on ApiKey { ...Some } } }
    fragment Some on Node {
        ... on Team { apiKeys(first: $n) { nodes { id } } }
        ... on ApiKey { team { sessions(first: $name) { nodes { id } } } }
    }
"""
DEEP: Any = [[[[[[[[1]]]]]]]]
VALUES: tuple[Any, ...] = (
    1,
    True,
    1.0,
    0,
    False,
    -0.0,
    None,
    "1",
    [1],
    [],
    {"a": 1},
    9,
    10,
    11,
    100,
    101,
    -1,
    2**63,
    1e300,
    DEEP,
)
VARIABLES: list[dict[str, Any]] = [
    {},
    *({"n": value} for value in VALUES),
    *({"name": value} for value in VALUES),
    *({"n": 2, "name": value} for value in VALUES),
    {"n": 1, "name": [1] * 201},
    {"n": 1, **{f"unused{number}": 1 for number in range(INPUT_VALUES_MAXIMUM)}},
    {"n": 1, "unused": {"of": [{"any": "shape"}]}},
]


def checks(**limits: int) -> Checks:
    return Checks(documents(**limits), Exploration.EVERYONE)


def outcome(checks: Checks, document: str, variables: dict[str, Any], name: str | None = None) -> Any:
    """Give all that a request is told or decided by."""
    prepared = checks.documents.prepare(document)
    assert not prepared.refusals
    checked = checks.of(prepared, name, variables, TESTER)
    told = [(refusal.message, refusal.extensions, refusal.locations) for refusal in checked.refusals]
    return checked.operation is not None, told, checked.extensions


@pytest.mark.parametrize("document", [ONE, TWO, LIST, SPREAD])
@pytest.mark.parametrize("maximum", [60, 16_000])
def test_what_is_asked_for_before_changes_nothing(document: str, maximum: int) -> None:
    """True equals 1 and so does 1.0, and each asks for a page of another size; or for one that is not there."""
    anew = [outcome(checks(cost=maximum), document, variables) for variables in VARIABLES]
    assert len({str(extensions) for _, _, extensions in anew}) > 3
    for before in range(len(VARIABLES)):
        used = checks(cost=maximum)
        for number in (before, *range(before), *range(before, len(VARIABLES))):
            assert outcome(used, document, VARIABLES[number]) == anew[number], VARIABLES[number]


def test_a_page_beyond_the_limit_is_refused_between_others() -> None:
    used = checks(cost=50)
    for size, is_refused in ((10, False), (100, True), (10, False), (100, True), (None, False), (100, True)):
        _, refusals, _ = outcome(used, ONE, {"n": size})
        assert bool(refusals) is is_refused, size


def test_what_passed_is_kept() -> None:
    used = checks()
    prepared = used.documents.prepare(ONE)
    checked = used.of(prepared, None, {"n": 7, "name": "one"}, TESTER)
    assert used.of(prepared, None, {"n": 7, "name": "other", "unused": [1]}, TESTER) is checked
    assert used.of(prepared, "Pages", {"n": 7}, TESTER) is checked
    assert used.of(prepared, None, {"n": 8}, TESTER) is not checked


def test_operations_of_one_document_are_kept_apart() -> None:
    document = f"{ONE} query Others($n: Int) {{ teams(first: $n) {{ totalCount }} }}"
    anew, used = checks(), checks()
    for _ in range(2):
        assert outcome(used, document, {"n": 7}, "Pages") == outcome(anew, ONE, {"n": 7})
        assert outcome(used, document, {"n": 7}, "Others") != outcome(anew, ONE, {"n": 7})
        assert outcome(used, document, {"n": 7}, "Neither") == outcome(used, document, {"n": 7})
        assert outcome(used, document, {"n": 7})[0] is False


def test_introspection_that_one_may_ask_for_is_not_kept_for_others() -> None:
    used = Checks(documents(), Exploration.ADMINS)
    prepared = used.documents.prepare("query($n: Int) { teams(first: $n) { totalCount } __schema { types { name } } }")
    bot = Service("bot", PlatformType.PUBLIC)
    for _ in range(2):
        assert not used.of(prepared, None, {"n": 7}, TESTER).refusals
        assert used.of(prepared, None, {"n": 7}, bot).refusals


def test_so_many_are_kept_and_the_oldest_makes_room() -> None:
    used = checks()
    prepared = used.documents.prepare(ONE)
    checked = [used.of(prepared, None, {"n": size}, TESTER) for size in range(KEPT_MAXIMUM + 1)]
    assert used.of(prepared, None, {"n": KEPT_MAXIMUM}, TESTER) is checked[KEPT_MAXIMUM]
    assert used.of(prepared, None, {"n": 1}, TESTER) is checked[1]
    assert used.of(prepared, None, {"n": 0}, TESTER) is not checked[0]


def test_what_is_kept_of_an_operation_takes_no_more_memory_than_is_counted() -> None:
    found = operation(TWO)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = [PassedBySizes(found.amount, found.defaults) for _ in range(100)]
        for by_sizes in kept:
            for number in range(2**62, 2**62 + KEPT_MAXIMUM * 3):
                cost = 1_000 + number % 1_000
                by_sizes.keep({"n": number, "name": -number}, Checked(found, [], cost_told(cost, 16_000)))
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert taken <= len(kept) * BYTES_KEPT_MAXIMUM
