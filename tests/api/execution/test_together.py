"""Awaiting many at once is what the library does, to the turn of the event loop."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql.pyutils.gather_with_cancel import gather_with_cancel

from graphql_api.execution.together import together

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

RUNS = 500
TURNS_MAXIMUM = 5


class Part(NamedTuple):
    """Something that is awaited: after how many turns it ends, how, and how many more it takes when it is stopped."""

    turns: int
    ends: str
    turns_when_stopped: int | None


async def run(part: Part, number: int, seen: list[object]) -> int:
    """End as the part says; turns that are taken when it is stopped are None where it will not be."""
    try:
        for _ in range(part.turns):
            await asyncio.sleep(0)
    except asyncio.CancelledError:
        seen.append((number, "stopped"))
        if part.turns_when_stopped is None:
            return number
        for _ in range(part.turns_when_stopped):
            await asyncio.sleep(0)
        raise
    seen.append((number, part.ends))
    if part.ends == "fails":
        raise ValueError(number)
    if part.ends == "is cancelled":
        raise asyncio.CancelledError
    return number


async def story(way: Callable[..., Awaitable[Any]], parts: list[list[Part]], stopped_after: int) -> list[object]:
    """Tell what happens, turn by turn, when groups of parts are awaited together and maybe stopped."""
    seen: list[object] = []

    async def group(number: int) -> Any:
        try:
            return await way(*(run(part, number, seen) for part in parts[number]))
        except ValueError as error:
            seen.append(("handled", error.args))

    async def all_groups() -> None:
        seen.append(await way(*(group(number) for number in range(len(parts)))))

    task = asyncio.ensure_future(all_groups())
    for turn in range(TURNS_MAXIMUM * 8):
        seen.append(turn)
        if turn == stopped_after:
            task.cancel()
        await asyncio.sleep(0)
    return [*seen, task.done(), task.cancelled()]


def test_what_is_awaited_together_goes_as_with_the_library() -> None:
    random = Random(1)  # noqa: S311 - repeatable on purpose

    def part() -> Part:
        ends = random.choice(["well", "well", "well", "fails", "is cancelled"])
        return Part(random.randrange(TURNS_MAXIMUM), ends, random.choice([0, 0, 0, 1, None]))

    async def by_us(*awaitables: Awaitable[Any]) -> list[Any]:
        return await together(awaitables)

    # A coroutine more on one side than on the other takes no turn.
    async def by_the_library(*awaitables: Awaitable[Any]) -> list[Any]:
        return await gather_with_cancel(*awaitables)

    async def compare() -> None:
        for _ in range(RUNS):
            parts = [[part() for _ in range(random.randint(2, 3))] for _ in range(random.randint(2, 3))]
            stopped_after = random.randrange(TURNS_MAXIMUM * 4)
            expected = await story(by_the_library, parts, stopped_after)
            assert await story(by_us, parts, stopped_after) == expected, (parts, stopped_after)

    asyncio.run(compare())
