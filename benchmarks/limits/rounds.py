"""Measuring in interleaved rounds, and what came out of them."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import orjson

from benchmarks.limits.operations import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from benchmarks.limits.calls import Answer

    Call = Callable[[bytes], Awaitable[Answer]]


IN_A_ROW: Final = 5
"""How many requests are sent to a variant before it is another's turn. What is left to do of one delays the next."""


class Medians:
    """Microseconds of an operation by a variant: the median of each round."""

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.processor: list[float] = []

    def note(self, answers: Sequence[Answer]) -> None:
        """Note a round."""
        self.clock.append(statistics.median(answer.clock for answer in answers))
        self.processor.append(statistics.median(answer.processor for answer in answers))


Measured = dict[str, dict[str, Medians]]
"""By operation and variant."""


async def require_the_same(calls: Mapping[str, Call]) -> None:
    """Make sure that all variants answer with the same data and without errors.

    Raises:
        RuntimeError: they do not.
    """
    for name, operation in OPERATIONS.items():
        for number in range(2):
            data = [_data((await call(operation.body(number))).body) for call in calls.values()]
            if any(other != data[0] for other in data):
                raise RuntimeError(f"The variants do not answer the same to: {name}")


async def measure_round(calls: Mapping[str, Call], requests: int, measured: Measured) -> None:
    """Send each operation so many times to each variant, a few requests to one and a few to the next, in turns.

    So whatever else the machine does meets all alike. The order changes each time, since what one variant leaves in
    caches is there for the next.
    """
    order = list(calls)
    for name, operation in OPERATIONS.items():
        answers: dict[str, list[Answer]] = defaultdict(list)
        sent = 0
        for _ in range(-(-requests * operation.times // IN_A_ROW)):
            random.shuffle(order)
            for variant in order:
                for _ in range(IN_A_ROW):
                    # Counted over all variants, since each change has to differ from the one before.
                    answers[variant].append(await calls[variant](operation.body(sent)))
                    sent += 1
        for variant, given in answers.items():
            measured[name][variant].note(given)


def nothing_measured() -> Measured:
    """Give what rounds are noted in."""
    return defaultdict(lambda: defaultdict(Medians))


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Show the median of some values and where most of them lie."""
    ordered = sorted(values)
    tenth = len(ordered) // 10
    low, high = ordered[tenth], ordered[-1 - tenth]
    return f"{statistics.median(ordered):,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def added(with_it: Sequence[float], without: Sequence[float]) -> list[float]:
    """Give what something adds in each round, in per cent."""
    return [(one / other - 1) * 100 for one, other in zip(with_it, without, strict=True)]


def _data(body: bytes) -> Any:
    answer = orjson.loads(body)
    if "errors" in answer:
        raise RuntimeError(f"A request was answered with errors: {answer['errors']}")
    return answer["data"]
