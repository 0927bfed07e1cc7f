"""What the limits add to a warm request: the application as it is shipped beside one without them.

Both are put together by the program, work on the same database, and have to answer with the same data.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING

import click
import uvloop

from benchmarks.limits.applications import served, settings_for
from benchmarks.limits.calls import Wire, serving
from benchmarks.limits.operations import SMALLEST, make_database
from benchmarks.limits.rounds import measure_round, nothing_measured, per_cent_more, require_the_same, spread
from benchmarks.limits.variants import AGAIN, PARTS, SHIPPED, VARIANTS, WITHOUT
from graphql_api.embedded_postgres import embedded_postgres
from graphql_api.logging import configure_logging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.limits.rounds import Call, Measured, Times

WARMING_UP = 3
"""Rounds that are not counted: connections are made in them, statements prepared and documents kept."""


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=60, show_default=True)
@click.option("--requests", type=click.IntRange(1), default=10, show_default=True, help="Of each kind in a round.")
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
        in_process = runner.run(measure_in_process(database, rounds, requests))
    print_times("In one process, by the clock", in_process, lambda times: times.clock)
    print_times("In one process, of the processor", in_process, lambda times: times.processor)
    with serving(database) as connections:
        calls = {name: connection.call for name, connection in connections.items()}
        over_http = asyncio.run(_measured("Over HTTP", calls, rounds, requests))
    print_times("Over HTTP, by the clock", over_http, lambda times: times.clock)
    print_parts(in_process)


async def measure_in_process(database: str, rounds: int, requests: int) -> Measured:
    """Measure all variants in this process, without a network."""
    async with served(settings_for(database), {**VARIANTS, **PARTS}) as made:
        calls = {name: Wire(config).call for name, config in made.items()}
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


def print_times(title: str, measured: Measured, which: Callable[[Times], list[float]]) -> None:
    """Print what each operation takes each variant, and how much more that is than without limits."""
    click.echo(f"\n{title}: microseconds, and per cent more than {WITHOUT}")
    for operation, by_variant in measured.items():
        click.echo(operation)
        without = which(by_variant[WITHOUT])
        for variant in VARIANTS:
            times = which(by_variant[variant])
            click.echo(f"  {variant:28}{spread(times):>28}{spread(per_cent_more(times, without), 1):>24}")


def print_parts(measured: Measured) -> None:
    """Print what each part of the limits takes: how much less the application takes without it.

    Of the one operation without the database, beside which this could not be told from chance.
    """
    click.echo(f"\nOf the processor's microseconds for {SMALLEST}, what is due to a part of the limits")
    by_variant = measured[SMALLEST]
    shipped = by_variant[SHIPPED].processor
    for part in (*PARTS, AGAIN):
        due = [one - other for one, other in zip(shipped, by_variant[part].processor, strict=True)]
        click.echo(f"  {part if part != AGAIN else 'chance':28}{spread(due, 1):>24}")


if __name__ == "__main__":
    main()
