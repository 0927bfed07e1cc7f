"""What came out, as tables in Markdown."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.side_by_side.servers import COMPILED, HAND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.side_by_side.load import Load


_FAILED = "failed"
_SOME_FAILED = " †"
"""Marks what is of a cell in which some requests failed."""


class Cell(NamedTuple):
    """What is measured: an operation, by so many connections, of a server."""

    operation: str
    concurrency: int
    server: str


class Sample(NamedTuple):
    """A round of a cell; milliseconds of the processor for each request, by the server and by PostgreSQL."""

    load: Load
    server_ms: float
    postgres_ms: float


def _rate(sample: Sample) -> float:
    return sample.load.rate


@dataclass
class Measured:
    """The samples of all cells, in the order of rounds."""

    samples: dict[Cell, list[Sample]] = field(default_factory=lambda: defaultdict(list))
    failed: set[Cell] = field(default_factory=set)

    def tables(self) -> Iterator[str]:
        """Give the tables, each as text."""
        servers = list(dict.fromkeys(cell.server for cell in self.samples))
        others = [server for server in servers if server != HAND]
        if HAND in servers and others:
            yield self._ratios(
                "Requests a second in proportion to the hand-written endpoint", [(each, each, HAND) for each in others]
            )
            yield self._ratios(
                "The processor's time that the hand-written endpoint takes for a request, in proportion to the others",
                [(each, HAND, each) for each in others],
                lambda sample: sample.server_ms,
            )
        others = [server for server in servers if server != COMPILED]
        if COMPILED in servers and others:
            yield self._ratios(
                "The compiled executor in proportion to the others",
                [(f"to {each}", COMPILED, each) for each in others],
            )
        yield self._details(servers)
        if failures := self._failures():
            yield failures

    def _ratios(
        self, title: str, columns: Sequence[tuple[str, str, str]], value: Callable[[Sample], float] = _rate
    ) -> str:
        head = ["operation", "connections", *(name for name, _, _ in columns)]
        lines = [f"{title}: median of rounds (from–to)", "", _row(head), _rule(len(head))]  # noqa: RUF001 - a range
        for operation, concurrency in self._kinds():
            ratios = [
                self._ratio(Cell(operation, concurrency, server), Cell(operation, concurrency, base), value)
                for _, server, base in columns
            ]
            lines.append(_row([operation, str(concurrency), *ratios]))
        return "\n".join(lines)

    def _ratio(self, cell: Cell, base: Cell, value: Callable[[Sample], float]) -> str:
        if self.failed & {cell, base}:
            return _FAILED
        pairs = zip(self.samples[cell], self.samples[base], strict=True)
        mark = _SOME_FAILED if self._failed_share(cell) or self._failed_share(base) else ""
        return _spread([value(one) / value(other) for one, other in pairs], _digits) + mark

    def _failed_share(self, cell: Cell) -> float:
        failed = sum(sample.load.failed for sample in self.samples[cell])
        return failed / (failed + sum(sample.load.requests for sample in self.samples[cell]))

    def _failures(self) -> str:
        shares = {
            cell: share for cell in self.samples if cell not in self.failed and (share := self._failed_share(cell))
        }
        if not shares:
            return ""
        cells = "; ".join(
            f"{cell.server}, {cell.operation}, {cell.concurrency} connections: {share:.1%}"
            for cell, share in shares.items()
        )
        return f"†: some requests were not answered with success, and only the others count. {cells}."

    def _details(self, servers: Sequence[str]) -> str:
        head = ["operation", "connections", "server", "requests/s", "p50 ms", "p99 ms", "CPU ms, server", "PostgreSQL"]
        title = "Requests a second, and the processor's milliseconds for each: median of rounds (from–to)"  # noqa: RUF001 - a range
        lines = [title, ""]
        lines += [_row(head), _rule(len(head))]
        for operation, concurrency in self._kinds():
            for server in servers:
                cell = Cell(operation, concurrency, server)
                if cell in self.failed:
                    lines.append(_row([operation, str(concurrency), server, _FAILED, *[""] * 4]))
                    continue
                samples = self.samples[cell]
                values = (
                    _spread([sample.load.rate for sample in samples], lambda rate: f"{rate:,.0f}"),
                    _milliseconds([sample.load.p50 for sample in samples]),
                    _milliseconds([sample.load.p99 for sample in samples]),
                    _milliseconds([sample.server_ms for sample in samples]),
                    _milliseconds([sample.postgres_ms for sample in samples]),
                )
                lines.append(_row([operation, str(concurrency), server, *values]))
        return "\n".join(lines)

    def _kinds(self) -> list[tuple[str, int]]:
        return list(dict.fromkeys((cell.operation, cell.concurrency) for cell in self.samples))


def _digits(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"  # noqa: PLR2004 - three digits say enough


def _milliseconds(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.3f}"


def _spread(values: Sequence[float], shown: Callable[[float], str]) -> str:
    return f"{shown(statistics.median(values))} ({shown(min(values))}–{shown(max(values))})"  # noqa: RUF001 - a range


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(columns: int) -> str:
    return "|" + "---|" * columns
