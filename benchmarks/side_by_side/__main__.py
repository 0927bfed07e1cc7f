"""The program beside a hand-written endpoint, its library's own executor, Ariadne and PostGraphile.

All of them answer over the same rows, and have to answer the same; then each is measured in turns with the others.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import click

from benchmarks.side_by_side import postgraphile, processor
from benchmarks.side_by_side.answers import AnswersDiffer, require_the_same
from benchmarks.side_by_side.data import TEAMS_MINIMUM, make_database
from benchmarks.side_by_side.load import LoadFailed, wrk
from benchmarks.side_by_side.operations import OPERATIONS
from benchmarks.side_by_side.rounds import Bench
from benchmarks.side_by_side.servers import COMPILED, HAND, SERVERS, NotThere, Server, running
from graphql_api.embedded_postgres import embedded_postgres

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.side_by_side.operations import Operation

SESSIONS_OF_A_TEAM = 5
USAGE_OF_A_TEAM = 120
_WITHOUT_WRK = (
    "SKIPPED: nothing was measured, because wrk is not installed. On Debian and Ubuntu: apt install wrk."
    " All servers have answered the same."
)


@dataclass(frozen=True)
class Plan:
    """What is compared, and for how long."""

    servers: Sequence[str]
    operations: Mapping[str, Operation]
    concurrency: Sequence[int]
    rounds: int
    seconds: int
    seconds_to_warm_up: int = 1


@dataclass(frozen=True)
class Size:
    """How many rows there are."""

    teams: int
    sessions: int
    usage: int


@click.command()
@click.option("--teams", type=click.IntRange(TEAMS_MINIMUM), default=1000, show_default=True)
@click.option("--sessions", type=click.IntRange(0), help=f"{SESSIONS_OF_A_TEAM} for each team where left out.")
@click.option("--usage", type=click.IntRange(0), help=f"Logs; {USAGE_OF_A_TEAM} for each team where left out.")
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--seconds", type=click.IntRange(1), default=2, show_default=True, help="For each measurement.")
@click.option(
    "--concurrency",
    multiple=True,
    type=click.IntRange(1, 64),
    default=(1, 8, 64),
    show_default=True,
    help="Connections at the same time.",
)
@click.option("--only", multiple=True, type=click.Choice(list(OPERATIONS)), help="Operations; all where left out.")
@click.option("--server", multiple=True, type=click.Choice(SERVERS), help="Servers; all where left out.")
@click.option("--quick", is_flag=True, help="Two rounds of a second each, 8 connections: a first impression.")
def main(  # noqa: PLR0913 - its options
    teams: int,
    sessions: int | None,
    usage: int | None,
    rounds: int,
    seconds: int,
    concurrency: Sequence[int],
    only: Sequence[str],
    server: Sequence[str],
    *,
    quick: bool,
) -> None:
    """Measure the program beside other servers over the same rows, in interleaved rounds, with wrk.

    One core is the measured server's, another wrk's and PostgreSQL's.
    """
    if quick:
        rounds, seconds, concurrency = 2, 1, (8,)
    size = Size(
        teams,
        SESSIONS_OF_A_TEAM * teams if sessions is None else sessions,
        USAGE_OF_A_TEAM * teams if usage is None else usage,
    )
    plan = Plan(
        [name for name in SERVERS if name in (server or SERVERS)],
        {name: OPERATIONS[name] for name in only or OPERATIONS},
        concurrency,
        rounds,
        seconds,
    )
    # Only Linux has processes stay on a core.
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) > 1:
        # What this process starts stays where it is: PostgreSQL and wrk.
        os.sched_setaffinity(0, cores[1:])
    with (
        tempfile.TemporaryDirectory(prefix="pc-", ignore_cleanup_errors=True) as directory,
        embedded_postgres(Path(directory) / "data") as address,
    ):
        asyncio.run(measure(address, plan, size, cores))


async def measure(address: str, plan: Plan, size: Size, cores: Sequence[int]) -> None:
    """Make a database on a server, compare answers, measure, and print what came out.

    Raises:
        ClickException: servers do not answer the same, or requests fail.
    """
    database = await make_database(address, teams=size.teams, sessions=size.sessions, usage=size.usage)
    await postgraphile.prepare(database)
    server_cores, other_cores = (cores[:1], cores[1:]) if len(cores) > 1 else ((), ())
    if not server_cores:
        click.echo("No core is set apart: servers, PostgreSQL and wrk share what there is.", err=True)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pc-")))
        servers: list[Server] = []
        for name in plan.servers:
            try:
                servers.append(stack.enter_context(running(name, database, directory / f"{name}.log", server_cores)))
            except NotThere as reason:
                if name in (HAND, COMPILED):
                    raise click.ClickException(str(reason)) from None
                click.echo(f"SKIPPED: {name}: {reason}")
        connection = await asyncpg.connect(database)
        try:
            await require_the_same(servers, plan.operations, connection)
            names = ", ".join(server.name for server in servers)
            click.echo(f"{len(plan.operations)} operations are answered the same by {names}.\n")
            if wrk() is None:
                click.echo(_WITHOUT_WRK)
                return
            postmaster = await processor.postmaster(database)
            bench = Bench(servers, plan.operations, connection, postmaster, directory, other_cores)
            await bench.warm_up(plan.seconds_to_warm_up)
            measured = await bench.measure(plan.rounds, plan.seconds, plan.concurrency)
        except (AnswersDiffer, LoadFailed) as reason:
            raise click.ClickException(str(reason)) from None
        finally:
            await connection.close()
    click.echo("\n\n".join(measured.tables()))


if __name__ == "__main__":
    main()
