"""Documents are prepared once, and what is kept of them is bounded."""

from __future__ import annotations

import pytest
from graphql import GraphQLSyntaxError

from schema.documents import prepared
from tests.schema.document_limits.prepared_documents import documents


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
    monkeypatch.setattr(prepared, "BYTES_KEPT", 3 * 350 * 10)
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
    monkeypatch.setattr(prepared, "BYTES_KEPT", 100_000)
    kept = documents()
    first, long = (kept.prepare(text) for text in (numbered(1), numbered(2) + " " * 12_000))
    assert kept.prepare(numbered(2) + " " * 12_000) is long
    assert kept.prepare(numbered(1)) is not first
