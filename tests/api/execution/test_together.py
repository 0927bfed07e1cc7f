"""Awaiting many at once is what the library does, to the turn of the event loop."""

from __future__ import annotations

import asyncio
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql.pyutils.gather_with_cancel import gather_with_cancel

from graphql_api.execution.coroutines import Coroutines
from graphql_api.execution.strands import Strand
from graphql_api.execution.together import Together

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

RUNS = 1000
TURNS_MAXIMUM = 5
LEVELS = 3


class Part(NamedTuple):
    """Something that is awaited: after how many turns it ends, how, and how many more it takes when it is stopped.

    Then `following` are awaited together; at once, where `turns` is None. A part that `guards` makes an error its end.
    """

    number: int
    turns: int | None
    ends: str
    turns_when_stopped: int | None
    guards: bool
    following: list[Part]


class Parts:
    """Draws parts."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.number = 0

    def draw(self, levels: int) -> list[Part]:
        """Draw parts that are awaited together."""
        return [self.part(levels) for _ in range(self.random.choice([1, 2, 2, 3]))]

    def part(self, levels: int) -> Part:
        """Draw one."""
        self.number += 1
        number = self.number
        following = self.draw(levels - 1) if levels and self.random.random() < 0.8 else []
        turns = None if following and self.random.random() < 0.4 else self.random.randrange(TURNS_MAXIMUM)
        ends = self.random.choice(["well", "well", "well", "well", "fails", "is cancelled"])
        stopped = self.random.choice([0, 0, 0, 1, None])
        return Part(number, turns, ends, stopped, self.random.random() < 0.5, following)


async def run(part: Part, seen: list[object]) -> int:
    """End as the part says; turns that are taken when it is stopped are None where it will not be."""
    try:
        for _ in range(part.turns or 0):
            await asyncio.sleep(0)
    except asyncio.CancelledError:
        seen.append((part.number, "stopped"))
        if part.turns_when_stopped is None:
            return part.number
        for _ in range(part.turns_when_stopped):
            await asyncio.sleep(0)
        raise
    seen.append((part.number, part.ends))
    if part.ends == "fails":
        raise ValueError(part.number)
    if part.ends == "is cancelled":
        raise asyncio.CancelledError
    return part.number


def guarded(part: Part, error: Exception, seen: list[object]) -> object:
    """Make an error the end of a part that guards; raise it for another."""
    if not part.guards:
        raise error
    seen.append((part.number, "handles", error.args))
    return error.args


async def by_the_library(parts: list[Part], seen: list[object]) -> Any:
    async def one(part: Part) -> Any:
        try:
            number = None if part.turns is None else await run(part, seen)
            return await by_the_library(part.following, seen) if part.following else number
        except ValueError as error:
            return guarded(part, error, seen)

    if len(parts) == 1:
        return [await one(parts[0])]
    return await gather_with_cancel(*map(one, parts))


class Ours(Strand):
    """Runs a part: its `field`. The `executor` is what was seen, the `place` what was made."""

    completes = True

    def complete(self, value: Any) -> Any:
        return by_us(self.field.following, self.executor, self.place) if self.field.following else value

    def guard(self, error: Exception) -> Any:
        return guarded(self.field, error, self.executor)


class OursAtOnce(Ours):
    """Runs what follows a part."""

    completes = False


def by_us(parts: list[Part], seen: list[object], made: Coroutines) -> Together:
    strands = [
        Ours(place, run(part, seen), seen, part, made)
        if part.turns is not None
        else OursAtOnce(place, by_us(part.following, seen, made), seen, part, made)
        for place, part in enumerate(parts)
    ]
    return made.noted(Together([None] * len(parts), strands))


async def story(
    way: Callable[[list[Part], list[object]], Awaitable[Any]], parts: list[Part], stopped_after: set[int]
) -> list[object]:
    """Tell what happens, turn by turn, when parts are awaited together and maybe stopped."""
    seen: list[object] = []

    # In a task of its own, and one coroutine more on one side than on the other takes no turn.
    async def all_parts() -> None:
        seen.append(await way(parts, seen))

    task = asyncio.ensure_future(all_parts())
    for turn in range(TURNS_MAXIMUM * 12):
        seen.append(turn)
        if turn in stopped_after:
            task.cancel()
        await asyncio.sleep(0)
    ended = task.done() and not task.cancelled()
    return [*seen, task.done(), task.cancelled(), repr(task.exception()) if ended else None]


def test_what_is_awaited_together_goes_as_with_the_library() -> None:
    random = Random(1)  # noqa: S311 - repeatable on purpose

    async def compare() -> None:
        for _ in range(RUNS):
            parts = Parts(random).draw(LEVELS)
            stopped_after = {random.randrange(TURNS_MAXIMUM * 6) for _ in range(random.choice([0, 1, 1, 2]))}
            made = Coroutines()
            expected = await story(by_the_library, parts, stopped_after)
            assert await story(partial(by_us, made=made), parts, stopped_after) == expected, (parts, stopped_after)
            made.close_what_never_began()

    asyncio.run(compare())
