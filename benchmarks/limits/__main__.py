"""What the limits add to a warm request: the application as it is shipped beside one without them.

Both are put together by the program, work on the same database, and have to answer with the same data.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from contextlib import redirect_stderr
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import uvloop

from benchmarks.limits.applications import applications, settings_for
from benchmarks.limits.calls import call_application, serving
from benchmarks.limits.operations import make_database
from benchmarks.limits.rounds import added, measure_round, nothing_measured, require_the_same, spread
from benchmarks.limits.variants import AGAIN, BARE, IN_PROCESS, OVER_HTTP, SHIPPED
from graphql_api.embedded_postgres import embedded_postgres
from graphql_api.logging import configure_logging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.limits.calls import Answer, Connection
    from benchmarks.limits.rounds import Call, Measured

WARMING_UP = 3
"""Rounds that are not counted: connections are made in them, statements prepared and documents kept."""


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=60, show_default=True)
@click.option("--requests", type=click.IntRange(1), default=20, show_default=True, help="Of each kind in a round.")
def main(rounds: int, requests: int) -> None:
    """Measure what the limits add to warm requests, in this process and over HTTP."""
    with (
        tempfile.TemporaryDirectory(prefix="pc-", ignore_cleanup_errors=True) as directory,
        embedded_postgres(Path(directory) / "data") as address,
    ):
        measure(address, rounds, requests)


def measure(address: str, rounds: int, requests: int) -> None:
    """Make a database, measure in rounds, and print what came out."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        # The lines of requests are written as always, and read by nobody.
        with redirect_stderr(nowhere):
            configure_logging("INFO", "json")
        database = runner.run(make_database(address))
        in_process = runner.run(measure_applications(database, rounds, requests))
    print_table("In one process", in_process)
    print_parts(in_process)
    with serving(database) as connections:
        calls = {name: _to_server(connection) for name, connection in connections.items()}
        print_table("Over HTTP", asyncio.run(_measured("Over HTTP", calls, rounds, requests)))


async def measure_applications(database: str, rounds: int, requests: int) -> Measured:
    """Measure all variants in this process."""
    async with applications(settings_for(database), IN_PROCESS) as made:
        calls = {name: partial(call_application, app) for name, app in made.items()}
        return await _measured("In one process", calls, rounds, requests)


async def _measured(title: str, calls: Mapping[str, Call], rounds: int, requests: int) -> Measured:
    measured = nothing_measured()
    await require_the_same(calls)
    for _ in range(WARMING_UP):
        await measure_round(calls, requests, nothing_measured())
    for number in range(rounds):
        click.echo(f"{title}: round {number + 1} of {rounds} …", err=True)
        await measure_round(calls, requests, measured)
    return measured


def _to_server(connection: Connection) -> Call:
    async def call(body: bytes) -> Answer:
        # Nothing else is to be done meanwhile.
        return connection.call(body)

    return call


def print_table(title: str, measured: Measured) -> None:
    """Print the medians of rounds, and what each variant takes more than the bare one."""
    click.echo(
        f"{title}: microseconds, and per cent more than the bare one; median of rounds (10th to 90th percentile)"
    )
    for operation, by_variant in measured.items():
        click.echo(operation)
        bare = by_variant[BARE].clock
        for variant in sorted(by_variant, key=list(IN_PROCESS | OVER_HTTP).index):
            medians = by_variant[variant]
            more = spread(added(medians.clock, bare), 1)
            click.echo(f"  {variant:28}{spread(medians.clock):>28}{more:>26}")
    chance = [
        statistics.median(added(by_variant[AGAIN].clock, by_variant[SHIPPED].clock)) for by_variant in measured.values()
    ]
    click.echo(f"The shipped one against itself: {min(chance):+.1f} to {max(chance):+.1f} per cent\n")


def print_parts(measured: Measured) -> None:
    """Print the time of the processor: what the shipped one takes more than each that lacks something."""
    click.echo("In one process: microseconds of the processor that the shipped one takes more; median of rounds (same)")
    for operation, by_variant in measured.items():
        shipped = by_variant[SHIPPED].processor
        click.echo(f"{operation}: {spread(shipped)} in all")
        for variant, medians in by_variant.items():
            if variant != SHIPPED:
                more = [one - other for one, other in zip(shipped, medians.processor, strict=True)]
                click.echo(f"  than {variant:28}{spread(more, 1):>26}")
    click.echo("")


if __name__ == "__main__":
    main()
