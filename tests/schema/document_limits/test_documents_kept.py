"""Documents are prepared once, and what is kept of them is bounded."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from graphql import GraphQLSyntaxError

from schema.documents import prepared
from tests.schema.document_limits.prepared_documents import documents

if TYPE_CHECKING:
    from schema.documents.prepared import Documents

THINGS = (
    "... on Team { apiKeys(first: $n) { nodes { id } } } ... on Session { messages(first: $n) { nodes { id } } } "
    "... on ApiKey { team { apiKeys(first: $n) { nodes { id } } } }"
)
FOR_ALL = 100_000
"""Bytes that the interpreter takes meanwhile, however many documents there are."""

DENSE = {
    "short": "query Q%s { viewer { kind } }",
    "fields": "query Q%s { teams { nodes { "
    + "id displayName platformName isActive revision createdAt " * 12
    + "} } }",
    "numbers": "query Q%s { nodes(ids: [" + "1 " * 900 + "]) { id } }",
    "pages by a variable": "query Q%s($n: Int) { " + "teams(first: $n) { nodes { id } } " * 30 + "}",
    "types within types": "query Q%s($n: Int) { node(id: 1) { " + "...{ ...S } " * 100 + "} } "
    "fragment S on Node { " + THINGS + " }",
    "one type in many fragments": "query Q%s($n: Int) { node(id: 1) { " + "... { " * 40 + THINGS + " }" * 40 + " } }",
    "text of four bytes a character": 'query Q%s { team(by: {displayName: "'
    + "\N{GRINNING FACE}" * 5_000
    + '"}) { id } }',
}


def numbered(number: int) -> str:
    return f"query Q{number} {{ viewer {{ kind }} }}"


def test_a_document_is_prepared_once() -> None:
    kept = documents()
    assert kept.prepare(numbered(1)) is kept.prepare(numbered(1))
    assert kept.prepare(numbered(1)) is not kept.prepare(numbered(2))


@pytest.mark.parametrize("text", ["{ nothing }", "{ a: __typename b: __typename }"])
def test_a_refused_document_takes_no_room(text: str) -> None:
    kept = documents(aliases=1)
    assert kept.prepare(text).refusals
    assert kept.prepare(text) is not kept.prepare(text)
    with pytest.raises(GraphQLSyntaxError):
        kept.prepare("{")


def test_those_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "BYTES_KEPT", 27_000)
    kept = documents()
    first, second, _ = (kept.prepare(numbered(number)) for number in (1, 2, 3))
    assert kept.prepare(numbered(1)) is first
    kept.prepare(numbered(4))
    assert kept.prepare(numbered(1)) is first
    assert kept.prepare(numbered(2)) is not second


def test_a_document_larger_than_all_room_is_served_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "BYTES_KEPT", 3)
    kept = documents()
    assert kept.prepare(numbered(1)) is not kept.prepare(numbered(1))


def test_long_texts_take_the_room_of_many_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "BYTES_KEPT", 110_000)
    kept = documents()
    first, long = (kept.prepare(text) for text in (numbered(1), numbered(2) + " " * 12_000))
    assert kept.prepare(numbered(2) + " " * 12_000) is long
    assert kept.prepare(numbered(1)) is not first


@pytest.mark.parametrize("document", DENSE.values(), ids=DENSE)
def test_no_document_takes_more_memory_than_is_counted_for_it(document: str) -> None:
    """Else what is kept could grow beyond its bound."""
    kept = documents()
    tracemalloc.start()
    try:
        # What the first of them bring about once is no document's.
        before = taken_by(kept, document, range(3))
        counted = kept._bytes_kept  # noqa: SLF001 - what the bound is held against
        taken = taken_by(kept, document, range(3, 15)) - before
    finally:
        tracemalloc.stop()
    assert taken - FOR_ALL <= kept._bytes_kept - counted  # noqa: SLF001 - see above


def taken_by(kept: Documents, document: str, numbers: range) -> int:
    """Prepare a document as often, and give the memory that is taken then."""
    assert not any(kept.prepare(document % number).refusals for number in numbers)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
