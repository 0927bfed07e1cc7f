"""What the limits add to a warm request: the application as it is shipped beside one without them.

Both are put together by the program, work on the same database, and have to answer with the same data.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from contextlib import ExitStack, redirect_stderr
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import click
import uvloop
from pydantic import SecretStr

import graphql_api.app
from benchmarks.limits.calls import call_application, serving
from benchmarks.limits.operations import KEY, make_database
from benchmarks.limits.rounds import added, measure_round, nothing_measured, require_the_same, spread
from benchmarks.limits.variants import AGAIN, BARE, IN_PROCESS, OVER_HTTP, SHIPPED
from db.database import Database
from db.engine import SERVING_LIMITS, create_engine, database_url
from graphql_api.app import create_app
from graphql_api.embedded_postgres import embedded_postgres
from graphql_api.logging import configure_logging
from graphql_api.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp

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
        measure(address, rounds, requests, Path(directory))


def measure(address: str, rounds: int, requests: int, directory: Path) -> None:
    """Make a database, measure in rounds, and print what came out. `directory` takes what servers say."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        # The lines of requests are written as always, and read by nobody.
        with redirect_stderr(nowhere):
            configure_logging("INFO", "json")
        database = runner.run(make_database(address))
        in_process = runner.run(measure_applications(database, rounds, requests))
    print_table("In one process", in_process, list(IN_PROCESS))
    print_parts(in_process)
    over_http = asyncio.run(measure_servers(database, rounds, requests, directory))
    print_table("Over HTTP", over_http, list(OVER_HTTP))


async def measure_applications(database: str, rounds: int, requests: int) -> Measured:
    """Measure all variants in this process, over one connection to the database."""
    settings = load_settings().model_copy(
        update={"database_url": SecretStr(database), "super_admin_api_keys": SecretStr(f"bench:{KEY}")}
    )
    shared = Database(create_engine(database_url(database), pool_size=1, limits=SERVING_LIMITS))
    try:
        calls: dict[str, Call] = {}
        for name, variant in IN_PROCESS.items():
            with variant.in_place(), patch.object(graphql_api.app, "Database", lambda _engine: shared):
                calls[name] = _to_application(create_app(settings))
        return await _measured("In one process", calls, rounds, requests)
    finally:
        await shared.close()


async def measure_servers(database: str, rounds: int, requests: int, directory: Path) -> Measured:
    """Measure all variants as servers in processes of their own."""
    with ExitStack() as stack:
        calls: dict[str, Call] = {
            name: _to_server(stack.enter_context(serving(name, database, directory / f"{name}.log")))
            for name in OVER_HTTP
        }
        return await _measured("Over HTTP", calls, rounds, requests)


async def _measured(title: str, calls: Mapping[str, Call], rounds: int, requests: int) -> Measured:
    measured = nothing_measured()
    await require_the_same(calls)
    for _ in range(WARMING_UP):
        await measure_round(calls, requests, nothing_measured())
    for number in range(rounds):
        click.echo(f"{title}: round {number + 1} of {rounds} …", err=True)
        await measure_round(calls, requests, measured)
    return measured


def _to_application(app: ASGIApp) -> Call:
    return partial(call_application, app)


def _to_server(connection: Connection) -> Call:
    async def call(body: bytes) -> Answer:
        # Nothing else is to be done meanwhile.
        return connection.call(body)

    return call


def print_table(title: str, measured: Measured, variants: list[str]) -> None:
    """Print the medians of rounds, and what each variant takes more than the bare one."""
    click.echo(
        f"{title}: microseconds, and per cent more than the bare one; median of rounds (10th to 90th percentile)"
    )
    for operation, by_variant in measured.items():
        click.echo(operation)
        for variant in variants:
            medians, bare = by_variant[variant], by_variant[BARE]
            more = spread(added(medians.clock, bare.clock), 1)
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
