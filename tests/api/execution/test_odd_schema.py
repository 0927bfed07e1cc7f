"""A plan gives what the library gives, whatever resolvers do: values, nulls, errors with their paths and their order."""

from __future__ import annotations

import asyncio
import os
from random import Random

import graphql
import pytest

from tests.api.execution.both_ways import by_plan, by_the_library
from tests.api.execution.odd_objects import Odd
from tests.api.execution.odd_schema import SCHEMA

DOCUMENTS = int(os.environ.get("DIFFERENTIAL_DOCUMENTS", "1000"))
SEED = os.environ.get("DIFFERENTIAL_SEED", "1")


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize("wrong", [0.0, 0.03, 0.25])
def test_a_plan_gives_what_the_library_gives(wrong: float) -> None:
    random = Random(f"{SEED}, {wrong}")
    odd = Odd(random, wrong)
    compared = with_errors = 0
    while compared < DOCUMENTS:
        document = odd.document()
        if graphql.validate(SCHEMA._schema, graphql.parse(document)):
            continue
        thing = odd.branch(2)
        variables = {"yes": random.random() < 0.5, "no": random.random() < 0.5}

        async def both() -> tuple[bytes, list[bytes]]:
            expected = await by_the_library(SCHEMA, document, variables, thing)
            return expected, await by_plan(SCHEMA, document, variables, lambda: (thing, None))

        expected, given_by_plan = asyncio.run(both())
        assert given_by_plan == [expected, expected], (document, variables, thing)
        compared += 1
        with_errors += b'"errors":[]' not in expected
    assert wrong == 0 or with_errors > DOCUMENTS // 4
