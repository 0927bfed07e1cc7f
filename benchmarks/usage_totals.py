"""What a quota and 30 days of usage cost with few logs and with many, and what keeping the totals adds to an insert.

Reads are the program's own queries, through its own access to the database, and beside them statements that add up the
logs to the same. All databases are made first, by the migrations themselves; then each round measures everything once
in each of them, so that whatever else the machine does meets all alike.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import click

from benchmarks.usage_databases import TEAM, TODAY, make_database
from benchmarks.usage_reads import FROM_LOGS, FROM_TOTALS, require_the_same
from db.database import Database
from db.engine import create_engine, database_url
from graphql_api.embedded_postgres import embedded_postgres
from migrations.usage_counting import SLOTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

READS_IN_A_ROUND: Final = 50
WARMING_UP: Final = 20
WRITERS: Final = (1, 8)
SLOTS_DEFAULT: Final = max(WRITERS)

INSERT: Final = f"""
    INSERT INTO usage_logs (team_id, api_key_id, session_id, platform, model_used, tokens_used, estimated_cost,
        response_time_ms, timestamp)
    VALUES ({TEAM}, 1, 'session', 'bench', 'model 1', 100, 0.001, 500, timestamp '{TODAY}' + interval '12 hours')
"""

Times = dict[str, list[float]]
"""Milliseconds of each measurement, by what was measured."""


@click.command()
@click.option(
    "--rows", multiple=True, type=click.IntRange(1), default=(10_000, 1_000_000, 10_000_000), show_default=True
)
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True)
@click.option("--inserts", type=click.IntRange(1), default=200, show_default=True, help="By each writer in a round.")
@click.option(
    "--slots",
    type=click.IntRange(1, SLOTS),
    default=SLOTS_DEFAULT,
    show_default=True,
    help="Over how many slots the totals are spread: the writers there have been at the same time.",
)
def main(rows: Sequence[int], rounds: int, inserts: int, slots: int) -> None:
    """Measure reads and inserts with so many usage logs of one team, over 60 days, with 5 models and 4 keys.

    99 other teams have 20,000 logs among them.
    """
    with (
        tempfile.TemporaryDirectory(prefix="pc-", ignore_cleanup_errors=True) as directory,
        embedded_postgres(Path(directory) / "data") as address,
    ):
        asyncio.run(measure(address, rows, rounds, inserts, slots))


async def measure(address: str, sizes: Sequence[int], rounds: int, inserts: int, slots: int = SLOTS_DEFAULT) -> None:
    """Make a database for each size, measure in rounds, and print what came out."""
    addresses = {}
    for size in sizes:
        addresses[size] = await make_database(address, size, slots)
        async with opened(addresses[size]) as made:
            await require_the_same(made)
    times: dict[int, Times] = {size: defaultdict(list) for size in sizes}
    for number in range(1, rounds + 1):
        click.echo(f"Round {number} of {rounds} …", err=True)
        for size, database in addresses.items():
            await measure_reads(database, times[size])
            for durable in (False, True):
                for writers in WRITERS:
                    # In turns, so that neither always comes first.
                    for totals in (True, False) if number % 2 else (False, True):
                        name = f"insert, {'durable' if durable else 'not waiting for the disk'}, {writers} at a time"
                        name += ", with totals" if totals else ", without"
                        taken = await measure_inserts(
                            database, inserts, writers=writers, totals=totals, durable=durable
                        )
                        times[size][name] += taken
    print_table(times)


async def measure_reads(address: str, times: Times) -> None:
    """Run each read several times, then those from the logs once: there is no doubt about what they cost."""
    async with opened(address) as database:
        # The first ones make the connection and its plans.
        for read in FROM_TOTALS.values():
            await read(database)
        for _ in range(READS_IN_A_ROUND):
            for name, read in FROM_TOTALS.items():
                times[f"{name}, from totals"].append(await timed(partial(read, database)))
        # Last, since they leave nothing else in any cache.
        for name, read in FROM_LOGS.items():
            times[f"{name}, from logs"].append(await timed(partial(read, database)))


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Database]:
    """Open a database as the program does, with one connection."""
    database = Database(create_engine(database_url(address), pool_size=1))
    try:
        yield database
    finally:
        await database.close()


async def measure_inserts(database: str, count: int, *, writers: int, totals: bool, durable: bool) -> list[float]:
    """Insert single logs, each in a transaction of its own, with the trigger or without."""
    async with AsyncExitStack() as stack:
        statements: list[Any] = []
        for _ in range(writers):
            connection = await asyncpg.connect(database)
            stack.push_async_callback(connection.close)
            await connection.execute(f"SET synchronous_commit = {'on' if durable else 'off'}")
            if not statements:
                switch = "ENABLE" if totals else "DISABLE"
                await connection.execute(f"ALTER TABLE usage_logs {switch} TRIGGER platform_config_add_usage_insert")
            statements.append(await connection.prepare(INSERT))

        async def insert(statement: Any, times: int) -> list[float]:
            return [await timed(statement.fetch) for _ in range(times)]

        # The first ones of a connection make its plans.
        await asyncio.gather(*(insert(statement, WARMING_UP) for statement in statements))
        return [taken for one in await asyncio.gather(*(insert(it, count) for it in statements)) for taken in one]


async def timed(call: Callable[[], Awaitable[object]]) -> float:
    """Give the milliseconds that a call takes, there and back."""
    began = time.perf_counter()
    await call()
    return (time.perf_counter() - began) * 1000


def print_table(times: Mapping[int, Times]) -> None:
    """Print medians with the middle four fifths, and how the databases and the inserts compare."""
    sizes = list(times)
    click.echo("Milliseconds: median (10th to 90th percentile)")
    click.echo(f"{'':60}" + "".join(f"{f'{size:,} logs':>27}" for size in sizes) + f"{'last/first':>12}")
    for name in times[sizes[0]]:
        row = [times[size][name] for size in sizes]
        ratio = statistics.median(row[-1]) / statistics.median(row[0])
        click.echo(f"{name:60}" + "".join(f"{spread(taken):>27}" for taken in row) + f"{ratio:12.2f}")
    click.echo("\nWhat the totals add to an insert, in milliseconds and as a factor, by the medians")
    for name in times[sizes[0]]:
        if name.endswith(", with totals"):
            added = []
            for size in sizes:
                kept = statistics.median(times[size][name])
                bare = statistics.median(times[size][name.replace(", with totals", ", without")])
                added.append(f"{kept - bare:+.3f}  x {kept / bare:.2f}")
            click.echo(f"{name.removesuffix(', with totals'):60}" + "".join(f"{text:>27}" for text in added))


def spread(taken: Sequence[float]) -> str:
    """Show the median of some times and where most of them lie."""
    ordered = sorted(taken)
    tenth = len(ordered) // 10
    return f"{statistics.median(ordered):.3f} ({ordered[tenth]:.2f}-{ordered[-1 - tenth]:.2f})"


if __name__ == "__main__":
    main()
