"""What is answered of values is kept and answered again; what is answered of anything else never is."""

from __future__ import annotations

from typing import Any, ClassVar

import strawberry

from graphql_api.execution import shared_answers
from graphql_api.execution.executor import PlanExecutor
from tests.api.execution.both_ways import planned


class Readings:
    """How often a field was read, and what of it fails."""

    def __init__(self) -> None:
        self.count = 0
        self.fails = False

    def read(self) -> int:
        self.count += 1
        if self.fails:
            raise ValueError("no reading")
        return self.count


@strawberry.type
class Fact:
    """A value."""

    IS_VALUE: ClassVar[bool] = True
    readings: strawberry.Private[Readings]
    name: str = "fact"

    @strawberry.field
    def number(self) -> int | None:
        return self.readings.read()


@strawberry.type
class Thing:
    """An object of which anything may change."""

    readings: strawberry.Private[Readings]

    @strawberry.field
    def number(self) -> int | None:
        return self.readings.read()


@strawberry.type
class Query:
    """Gives the objects of the root value."""

    fact: Fact
    facts: list[Fact]
    thing: Thing


FRAMEWORK = strawberry.Schema(Query)


class Root:
    """The objects that are asked for."""

    def __init__(self) -> None:
        self.readings = Readings()
        self.fact = Fact(readings=self.readings)
        self.facts = [self.fact, Fact(readings=self.readings), self.fact]
        self.thing = Thing(readings=self.readings)


class Asking:
    """A document's plan, learnt by one request; each further one gives its data."""

    def __init__(self, document: str) -> None:
        self.plan, self.values = planned(FRAMEWORK, document, {})

    async def __call__(self, root: Root) -> dict[str, Any] | None:
        result = await PlanExecutor(self.plan, self.values, None, root).run()
        return result.data


async def test_a_value_is_answered_as_it_was_before() -> None:
    ask, root = Asking("{ fact { number name } }"), Root()
    answers = [await ask(root) for _ in range(4)]
    # The first request learns what class it meets, and the second is kept.
    assert [answer and answer["fact"]["number"] for answer in answers] == [1, 2, 2, 2]


async def test_values_in_a_list_are_each_answered_as_before() -> None:
    ask, root = Asking("{ facts { number } }"), Root()
    await ask(root)
    kept = await ask(root)
    assert kept == await ask(root)
    assert kept
    first, other, again = kept["facts"]
    assert first == again != other


async def test_another_object_has_an_answer_of_its_own() -> None:
    """Whatever lies where an object lay before, in memory, is not taken for it."""
    ask = Asking("{ fact { number } }")
    await ask(Root())
    for _ in range(shared_answers.ANSWERS_MAXIMUM * 2):
        answer = await ask(Root())
        assert answer == {"fact": {"number": 1}}


async def test_another_selection_has_an_answer_of_its_own() -> None:
    root = Root()
    for document, fields in (("{ fact { name } }", {"name"}), ("{ fact { number } }", {"number"})):
        ask = Asking(document)
        for _ in range(3):
            answer = await ask(root)
            assert answer
            assert set(answer["fact"]) == fields


async def test_what_failed_is_tried_again() -> None:
    ask, root = Asking("{ fact { number } }"), Root()
    await ask(root)
    root.readings.fails = True
    assert await ask(root) == {"fact": {"number": None}}
    root.readings.fails = False
    assert await ask(root) == {"fact": {"number": 3}}


async def test_what_is_no_value_is_read_each_time() -> None:
    ask, root = Asking("{ thing { number } }"), Root()
    assert [await ask(root) for _ in range(3)] == [{"thing": {"number": number}} for number in (1, 2, 3)]


async def test_answers_are_kept_within_bounds() -> None:
    """Each keeps its object in memory."""
    ask = Asking("{ fact { number } }")
    await ask(Root())
    for _ in range(shared_answers.ANSWERS_MAXIMUM * 2):
        await ask(Root())
    assert len(ask.plan._shared._kept) <= shared_answers.ANSWERS_MAXIMUM  # noqa: SLF001 - nobody else has to know
