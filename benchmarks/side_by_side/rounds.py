"""Measuring in rounds, in which the servers take turns."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from benchmarks.side_by_side import processor, rows
from benchmarks.side_by_side.load import LoadFailed, send
from benchmarks.side_by_side.table import Cell, Measured, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import asyncpg

    from benchmarks.side_by_side.load import Load
    from benchmarks.side_by_side.operations import Operation
    from benchmarks.side_by_side.servers import Server

APART = 10_000_000
"""What the numbers of two measurements are apart, so that no request comes twice."""

ENOUGH = 3
"""How many requests of each connection make a measurement: those that are under way at its end are not counted."""

SECONDS_MAXIMUM = 32


@dataclass
class Bench:
    """Servers that run over one database, and where wrk may run."""

    servers: Sequence[Server]
    operations: Mapping[str, Operation]
    connection: asyncpg.Connection
    postgres: int | None
    directory: Path
    cores: Sequence[int]
    _first: Iterator[int] = field(default_factory=lambda: itertools.count(APART, APART))
    _seconds: dict[Cell, int] = field(default_factory=dict)
    """How long those are measured that are too slow for the time they were given."""

    async def warm_up(self, seconds: int) -> None:
        """Send each server each operation, uncounted: connections are made, statements prepared, code compiled."""
        for name, operation in self.operations.items() if seconds else ():
            click.echo(f"Warming up: {name} …", err=True)
            for server in self.servers:
                await self._load(server, name, operation, 8, seconds)

    async def measure(self, rounds: int, seconds: int, concurrency: Sequence[int]) -> Measured:
        """Measure everything once in each round. Where too many requests fail, nothing of the cell counts."""
        measured = Measured()
        for number in range(rounds):
            # Each time another server comes first.
            turn = number % len(self.servers)
            order = [*self.servers[turn:], *self.servers[:turn]]
            for (name, operation), connections in itertools.product(self.operations.items(), concurrency):
                click.echo(f"Round {number + 1} of {rounds}: {name}, {connections} at a time …", err=True)
                for server in order:
                    cell = Cell(name, connections, server.name)
                    try:
                        measured.samples[cell].append(await self._sample(server, cell, operation, seconds))
                    except LoadFailed as reason:
                        click.echo(f"FAILED: {server.name}: {reason}", err=True)
                        measured.failed.add(cell)
        return measured

    async def _sample(self, server: Server, cell: Cell, operation: Operation, seconds: int) -> Sample:
        seconds = self._seconds.get(cell, seconds)
        while True:
            before, postgres_before = processor.seconds(server.process), processor.seconds(self.postgres)
            load = await self._load(server, cell.operation, operation, cell.concurrency, seconds)
            spent = processor.seconds(server.process) - before
            postgres_spent = processor.seconds(self.postgres) - postgres_before
            if load.requests >= ENOUGH * cell.concurrency or seconds >= SECONDS_MAXIMUM:
                break
            seconds = self._seconds[cell] = 2 * seconds
        if not load.requests:
            raise LoadFailed(f"No request was answered within {seconds} seconds.")
        return Sample(load, 1000 * spent / load.requests, 1000 * postgres_spent / load.requests)

    async def _load(self, server: Server, name: str, operation: Operation, connections: int, seconds: int) -> Load:
        if operation.changes:
            await rows.put_back(self.connection)
        load = send(
            server.address,
            server.requests(operation),
            first=next(self._first),
            concurrency=connections,
            seconds=seconds,
            directory=self.directory,
            cores=self.cores,
        )
        if operation.changes:
            # Those whose answer nobody waited for may be there as well.
            written = await rows.changes(self.connection)
            if written < load.requests:
                raise LoadFailed(
                    f"{name}: {server.name} has answered {load.requests} changes and written {written} to the trail."
                )
            await rows.put_back(self.connection)
        return load
