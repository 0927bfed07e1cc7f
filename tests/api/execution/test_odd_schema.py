"""A plan gives what the library gives, whatever resolvers do: values, nulls, errors with their paths and order."""

from __future__ import annotations

import asyncio
import gc
import os
import warnings
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, Any

import graphql
import pytest

from tests.api.execution.both_ways import by_plan, by_the_library
from tests.api.execution.odd_objects import Odd
from tests.api.execution.odd_schema import SCHEMA, Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENTS = int(os.environ.get("DIFFERENTIAL_DOCUMENTS", "400"))
SEED = os.environ.get("DIFFERENTIAL_SEED", "1")
DOCUMENTS_BETWEEN_COLLECTIONS = 100


@contextmanager
def garbage_collected_here() -> Iterator[None]:
    """Collect here what is left over: in it are coroutines that nobody awaited, and never will.

    Resolvers leave them behind in both executors, where an error came first. Collected at another time, they would be
    warned of in the middle of another test.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="coroutine .* was never awaited", category=RuntimeWarning)
        gc.disable()
        try:
            yield
        finally:
            gc.collect()
            gc.enable()


async def both(document: str, variables: dict[str, Any], thing: Thing) -> tuple[bytes, list[bytes]]:
    """Execute both ways; the plan twice."""
    expected = await by_the_library(SCHEMA, document, variables, thing)
    return expected, await by_plan(SCHEMA, document, variables, lambda: (thing, None))


@pytest.mark.parametrize("wrong", [0.0, 0.03, 0.25])
def test_a_plan_gives_what_the_library_gives(wrong: float) -> None:
    random = Random(f"{SEED}, {wrong}")  # noqa: S311 - repeatable on purpose
    odd = Odd(random, wrong)
    compared = with_errors = 0
    schema = SCHEMA._schema  # noqa: SLF001 - the framework has no other way to it
    while compared < DOCUMENTS:
        with garbage_collected_here():
            for _ in range(DOCUMENTS_BETWEEN_COLLECTIONS):
                document = odd.document()
                if graphql.validate(schema, graphql.parse(document)):
                    continue
                thing, variables = odd.branch(2), odd.variables()
                expected, given_by_plan = asyncio.run(both(document, variables, thing))
                assert given_by_plan == [expected, expected], (document, variables, thing)
                compared += 1
                with_errors += b'"errors":[]' not in expected
    assert wrong == 0 or with_errors > DOCUMENTS // 4
