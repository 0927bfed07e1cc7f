"""What an execution leaves behind: no coroutine that never began, of which Python would warn, and not itself."""

from __future__ import annotations

import asyncio
import gc
import warnings
import weakref

import pytest
import strawberry

from graphql_api.execution.executor import PlanExecutor
from tests.api.execution.both_ways import planned

LAST = 2


@strawberry.type
class Item:
    number: int

    @strawberry.field
    async def late(self) -> int:
        await asyncio.sleep(0)
        return self.number

    @strawberry.field
    def broken(self) -> int:
        if self.number < LAST:
            return 0
        message = "broken"
        raise ValueError(message)


@strawberry.type
class Group:
    """Stands for a class that no plan has met when it meets the first of them."""

    items: list[Item | None]


@strawberry.type
class Teller:
    """Says whether it was asked."""

    told: strawberry.Private[list[str]]

    @strawberry.field
    async def tell(self) -> int:
        self.told.append("told")
        return 1


@strawberry.type
class Query:
    @strawberry.field
    async def failing(self) -> int:
        message = "failing"
        raise ValueError(message)

    @strawberry.field
    def failing_at_once(self) -> int:
        message = "failing"
        raise ValueError(message)

    @strawberry.field
    async def telling(self, info: strawberry.Info) -> Teller:
        return Teller(told=info.context)

    @strawberry.field
    async def items(self) -> list[Item | None]:
        # So late that the failure ends everything before anything of the items begins.
        await asyncio.sleep(0)
        return [Item(number=number) for number in range(LAST + 1)]

    @strawberry.field
    async def promised(self) -> list[Item | None]:
        await asyncio.sleep(0)
        return [_item(number) for number in range(LAST + 1)]  # type: ignore[misc] # what the list should not hold

    @strawberry.field
    async def groups(self) -> list[Group]:
        await asyncio.sleep(0)
        return [Group(items=[Item(number=number) for number in range(LAST + 1)]) for _ in range(LAST + 1)]


async def _item(number: int) -> Item:
    return Item(number=number)


SCHEMA = strawberry.Schema(query=Query)

DOCUMENTS = {
    "objects of a list": "{ failing items { late } }",
    "objects beside one that fails at once": "{ failing items { late broken } }",
    "awaitable items": "{ failing promised { late } }",
    "objects of objects of a list": "{ failing groups { items { late } } }",
    "objects of objects beside one that fails at once": "{ failing groups { items { late broken } } }",
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_nothing_is_left_that_never_began(document: str) -> None:
    """A plan is run three times: the first time it meets every class, and then it knows them."""
    plan, values = planned(SCHEMA, document, {})

    async def run() -> None:
        result = await PlanExecutor(plan, values, None).run()
        assert result.data is None

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for _ in range(3):
            asyncio.run(run())
        gc.collect()
    assert [str(warning.message) for warning in warned] == []


def test_what_was_begun_comes_to_its_end_in_the_background() -> None:
    """As the library has it: what runs beside a field that fails at once may have begun to change something."""
    plan, values = planned(SCHEMA, "{ telling { tell } failingAtOnce }", {})

    async def told() -> list[str]:
        context: list[str] = []
        executor = PlanExecutor(plan, values, context)
        assert (await executor.run()).data is None
        await asyncio.gather(*executor.background_futures)
        return context

    assert asyncio.run(told()) == ["told"]


def test_an_execution_does_not_hold_itself() -> None:
    """All that it has read would stay with it until cycles are looked for."""
    plan, values = planned(SCHEMA, "{ groups { items { late } } }", {})

    async def run() -> weakref.ref[PlanExecutor]:
        executor = PlanExecutor(plan, values, None)
        assert (await executor.run()).errors is None
        return weakref.ref(executor)

    asyncio.run(run())  # what the plan learns from
    gc.disable()
    try:
        assert asyncio.run(run())() is None
    finally:
        gc.enable()
