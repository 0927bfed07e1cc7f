"""What hypothesis-graphql makes up over the real schema is answered the same by both executors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from schema.build import build_schema, sdl
from tests.api.execution.compared import Compared, compared
from tests.api.execution.real_documents import Sent
from tests.schema.world import populate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql.language import ast

SCALARS: dict[str, st.SearchStrategy[ast.ValueNode]] = {
    "DateTime": st.sampled_from(["2026-01-01T00:00:00Z", "x"]).map(nodes.String),
    "BigInt": st.integers(0, 9).map(nodes.Int),
    "JSON": st.text().map(nodes.String),
}


@pytest.fixture(scope="module")
def servers(module_database: str) -> Iterator[Compared]:
    populate(module_database, teams=2)
    with compared(module_database, module_database) as both:
        yield both


@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(document=queries(sdl(build_schema()), custom_scalars=SCALARS))
def test_documents_of_others_are_answered_the_same(servers: Compared, document: str) -> None:
    by_library, by_plan = servers.ask(Sent(document, {}), servers.library.key)
    assert (by_plan.status_code, by_plan.content) == (by_library.status_code, by_library.content)
