"""What is known of an operation's variables is kept with its document, in the room that is counted for that."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from graphql_api.execution.input_values import InputValues
from graphql_api.execution.variables import Variables
from tests.schema.document_limits.prepared_documents import built, documents

DOCUMENTS = 12
VARIABLES = 150


def document(number: int, of_type: str) -> str:
    """Write a document with little in it but variables."""
    names = [f"$v{place}" for place in range(VARIABLES)]
    declared = " ".join(f"{name}: {of_type}" for name in names)
    return f"query Q{number}({declared}) {{ nodes(ids: [{' '.join(names)}]) {{ id }} }}"


@pytest.mark.parametrize("of_type", ["ID!", "ID! = 1"])
def test_documents_and_their_variables_take_no_more_memory_than_is_counted(of_type: str) -> None:
    kept, input_values = documents(), InputValues()

    def prepared(number: int) -> Variables:
        found = kept.prepare(document(number, of_type))
        assert not found.refusals
        return Variables(built(), found.operations[0].node.variable_definitions or (), input_values)

    tracemalloc.start()
    try:
        # What the first brings about once is no document's.
        prepared(0)
        gc.collect()
        before, counted = tracemalloc.get_traced_memory()[0], kept._bytes_kept  # noqa: SLF001 - what the bound is held against
        variables = [prepared(number) for number in range(1, DOCUMENTS)]
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(variables) == DOCUMENTS - 1
    assert taken <= kept._bytes_kept - counted  # noqa: SLF001 - see above
