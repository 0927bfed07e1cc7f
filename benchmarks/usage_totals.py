"""What a quota and 30 days of usage cost with few logs and with many, and what keeping the totals adds to an insert.

All databases are made first, by the migrations themselves; then each round measures everything once in each of them, so
that whatever else the machine does meets all alike.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import click

from db.engine import database_url
from graphql_api.embedded_postgres import embedded_postgres
from migrations import runner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BEFORE_TOTALS: Final = "b20f6d8e41c3"
ROWS_AT_A_TIME: Final = 100_000
READS_IN_A_ROUND: Final = 50
WARMING_UP: Final = 20
WRITERS: Final = (1, 8)

# The longest month there is, on its last day.
MONTH: Final = "'2026-01-01'"
TODAY: Final = "'2026-01-31'"
FIRST_OF_30_DAYS: Final = "'2026-01-02'"
FIRST_OF_60_DAYS: Final = "'2025-12-03'"

READS: Final = {
    "quota, from totals": f"""
        SELECT coalesce(sum(successes), 0), coalesce(sum(successes) FILTER (WHERE day = {TODAY}), 0)
        FROM usage_totals WHERE team_id = 1 AND day >= {MONTH} AND day < date {MONTH} + interval '1 month'
    """,
    "30 days, from totals": f"""
        SELECT day, model, sum(requests), sum(successes), sum(tokens), sum(estimated_cost), sum(response_ms),
            sum(responses)
        FROM usage_totals WHERE team_id = 1 AND day BETWEEN {FIRST_OF_30_DAYS} AND {TODAY}
        GROUP BY GROUPING SETS ((day), (model), ()) ORDER BY day, model
    """,
    "quota, from logs": f"""
        SELECT coalesce(sum(request_count), 0), coalesce(sum(request_count) FILTER (WHERE timestamp >= {TODAY}), 0)
        FROM usage_logs WHERE team_id = 1 AND success
        AND timestamp >= {MONTH} AND timestamp < timestamp {MONTH} + interval '1 month'
    """,
    "30 days, from logs": f"""
        SELECT timestamp::date, coalesce(model_used, ''), sum(request_count),
            sum(request_count) FILTER (WHERE success), sum(tokens_used), sum(round(estimated_cost::numeric, 12)),
            sum(response_time_ms), count(response_time_ms)
        FROM usage_logs WHERE team_id = 1
        AND timestamp >= {FIRST_OF_30_DAYS} AND timestamp < timestamp {TODAY} + interval '1 day'
        GROUP BY GROUPING SETS ((timestamp::date), (coalesce(model_used, '')), ()) ORDER BY 1, 2
    """,
}
LOGS: Final = f"""
    INSERT INTO usage_logs (team_id, api_key_id, session_id, platform, model_used, tokens_used, estimated_cost, success,
        response_time_ms, timestamp)
    SELECT 1, 1 + number % 4, md5((number % 1000)::text), 'bench', 'model ' || number % 5, number % 3000,
        number % 100 * 0.0001, number % 20 <> 0, 200 + number % 1500,
        timestamp {FIRST_OF_60_DAYS} + interval '60 days' * (number - 1) / $3::bigint
    FROM generate_series($1::bigint, $2::bigint) AS number
"""
INSERT: Final = f"""
    INSERT INTO usage_logs (team_id, api_key_id, session_id, platform, model_used, tokens_used, estimated_cost,
        response_time_ms, timestamp)
    VALUES (1, 1, 'session', 'bench', 'model 1', 100, 0.001, 500, timestamp {TODAY} + interval '12 hours')
"""
OWNERS: Final = """
    INSERT INTO teams (id, display_name, platform_name)
    SELECT number, number, number FROM generate_series(1, 100) AS number;
    INSERT INTO api_keys (id, key_hash, key_prefix, name, team_id)
    SELECT number, number, number, number, greatest(number - 3, 1) FROM generate_series(1, 103) AS number;
"""
OTHERS: Final = f"""
    INSERT INTO usage_logs (team_id, api_key_id, session_id, platform, model_used, timestamp)
    SELECT 2 + number % 99, 5 + number % 99, 'session', 'others', 'model ' || number % 5,
        timestamp {FIRST_OF_60_DAYS} + number % 60 * interval '1 day'
    FROM generate_series(1, 20000) AS number
"""

Times = dict[str, list[float]]
"""Milliseconds of each measurement, by what was measured."""


@click.command()
@click.option(
    "--rows", multiple=True, type=click.IntRange(1), default=(10_000, 1_000_000, 10_000_000), show_default=True
)
@click.option("--rounds", type=click.IntRange(1), default=7, show_default=True)
@click.option("--inserts", type=click.IntRange(1), default=200, show_default=True, help="By each writer in a round.")
def main(rows: Sequence[int], rounds: int, inserts: int) -> None:
    """Measure reads and inserts with so many usage logs of one team, over 60 days, with 5 models and 4 keys.

    99 other teams have 20,000 logs among them.
    """
    with (
        tempfile.TemporaryDirectory(prefix="pc-", ignore_cleanup_errors=True) as directory,
        embedded_postgres(Path(directory) / "data") as address,
    ):
        asyncio.run(measure(address, rows, rounds, inserts))


async def measure(address: str, sizes: Sequence[int], rounds: int, inserts: int) -> None:
    """Make a database for each size, measure in rounds, and print what came out."""
    databases = {}
    for size in sizes:
        databases[size] = await make_database(address, size)
    times: dict[int, Times] = {size: defaultdict(list) for size in sizes}
    for number in range(1, rounds + 1):
        click.echo(f"Round {number} of {rounds} …", err=True)
        for size, database in databases.items():
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


async def make_database(address: str, size: int) -> str:
    """Make a database with so many logs that are older than the totals, and bring it to the head."""
    name = f"bench_{size}"
    server = await asyncpg.connect(address)
    await server.execute(f"CREATE DATABASE {name}")
    await server.close()
    database = database_url(address).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    await runner.upgrade(database, BEFORE_TOTALS, report=lambda _: None)
    connection = await asyncpg.connect(database)
    await connection.execute(OWNERS)
    # Foreign keys of made-up rows need not be looked up millions of times.
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(OTHERS)
    for first in range(1, size + 1, ROWS_AT_A_TIME):
        await connection.execute(LOGS, first, min(first + ROWS_AT_A_TIME - 1, size), size)
        if first % (10 * ROWS_AT_A_TIME) == 1:
            click.echo(f"Making {size:,} logs: at {first - 1:,} …", err=True)
    await connection.execute("VACUUM (ANALYZE) usage_logs")
    began = time.perf_counter()
    await runner.upgrade(database, report=lambda line: click.echo(line, err=True))
    click.echo(f"Summing {size:,} logs took {time.perf_counter() - began:.1f} s.", err=True)
    await connection.execute("VACUUM (ANALYZE) usage_totals")
    await connection.execute("CHECKPOINT")
    for what in ("quota", "30 days"):
        if await connection.fetch(READS[f"{what}, from totals"]) != await connection.fetch(READS[f"{what}, from logs"]):
            raise click.ClickException(f"The {what} of totals and logs differ.")
    await connection.close()
    return database


async def measure_reads(database: str, times: Times) -> None:
    """Run each read several times, then those from the logs once: there is no doubt about what they cost."""
    connection = await asyncpg.connect(database)
    statements = {name: await connection.prepare(query) for name, query in READS.items()}
    from_totals = {name: statement for name, statement in statements.items() if "totals" in name}
    for statement in from_totals.values():
        await statement.fetch()
    for _ in range(READS_IN_A_ROUND):
        for name, statement in from_totals.items():
            times[name].append(await timed(statement))
    # Last, since they leave nothing else in any cache.
    for name, statement in statements.items():
        if name not in from_totals:
            times[name].append(await timed(statement))
    await connection.close()


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
            return [await timed(statement) for _ in range(times)]

        # The first ones of a connection make its plans.
        await asyncio.gather(*(insert(statement, WARMING_UP) for statement in statements))
        return [taken for one in await asyncio.gather(*(insert(it, count) for it in statements)) for taken in one]


async def timed(statement: Any) -> float:
    """Give the milliseconds that a prepared statement takes, there and back."""
    began = time.perf_counter()
    await statement.fetch()
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
