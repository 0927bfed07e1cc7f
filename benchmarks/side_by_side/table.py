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


@dataclass
class Measured:
    """The samples of all cells, in the order of rounds."""

    samples: dict[Cell, list[Sample]] = field(default_factory=lambda: defaultdict(list))

    def tables(self) -> Iterator[str]:
        """Give the tables, each as text."""
        servers = list(dict.fromkeys(cell.server for cell in self.samples))
        for base, title in ((HAND, "to the hand-written endpoint"), (COMPILED, "")):
            if base in servers and title:
                yield self._ratios(
                    f"Requests a second in proportion {title}: medians of rounds (from–to)",
                    [(server, server, base) for server in servers if server != base],
                )
            elif base in servers:
                yield self._ratios(
                    "The compiled executor in proportion to the others",
                    [(f"to {server}", base, server) for server in servers if server != base],
                )
        yield self._details(servers)

    def _ratios(self, title: str, columns: Sequence[tuple[str, str, str]]) -> str:
        lines = [
            title,
            "",
            _row(["operation", "connections", *(name for name, _, _ in columns)]),
            _rule(2 + len(columns)),
        ]
        for operation, concurrency in self._kinds():
            ratios = [
                _spread(
                    [
                        one.load.rate / other.load.rate
                        for one, other in zip(
                            self.samples[Cell(operation, concurrency, server)],
                            self.samples[Cell(operation, concurrency, base)],
                            strict=True,
                        )
                    ],
                    _ratio,
                )
                for _, server, base in columns
            ]
            lines.append(_row([operation, str(concurrency), *ratios]))
        return "\n".join(lines)

    def _details(self, servers: Sequence[str]) -> str:
        head = ["operation", "connections", "server", "requests/s", "p50 ms", "p99 ms", "CPU ms, server", "PostgreSQL"]
        lines = ["Requests a second, and the processor's milliseconds for each: medians of rounds (from–to)", ""]
        lines += [_row(head), _rule(len(head))]
        for operation, concurrency in self._kinds():
            for server in servers:
                samples = self.samples[Cell(operation, concurrency, server)]
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


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"  # noqa: PLR2004 - three digits say enough


def _milliseconds(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.3f}"


def _spread(values: Sequence[float], shown: Callable[[float], str]) -> str:
    return f"{shown(statistics.median(values))} ({shown(min(values))}–{shown(max(values))})"  # noqa: RUF001 - a range


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(columns: int) -> str:
    return "|" + "---|" * columns
