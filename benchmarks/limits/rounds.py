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


class Times:
    """Microseconds that an operation takes a variant: the lower quartile of each round.

    Not the median, since what other programs of the machine do to a request only ever adds.
    """

    def __init__(self) -> None:
        self.clock: list[float] = []
        self.processor: list[float] = []

    def note(self, answers: Sequence[Answer]) -> None:
        """Note a round."""
        self.clock.append(statistics.quantiles((answer.clock for answer in answers), n=4)[0])
        self.processor.append(statistics.quantiles((answer.processor for answer in answers), n=4)[0])


Measured = dict[str, dict[str, Times]]
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
    return defaultdict(lambda: defaultdict(Times))


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Show the median of some values and where most of them lie."""
    ordered = sorted(values)
    tenth = len(ordered) // 10
    low, high = ordered[tenth], ordered[-1 - tenth]
    return f"{statistics.median(ordered):,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def per_cent_more(times: Sequence[float], than: Sequence[float]) -> list[float]:
    """Give how much longer something took in each round than something else."""
    return [(one / other - 1) * 100 for one, other in zip(times, than, strict=True)]


def _data(body: bytes) -> Any:
    answer = orjson.loads(body)
    if "errors" in answer:
        raise RuntimeError(f"A request was answered with errors: {answer['errors']}")
    return answer["data"]
