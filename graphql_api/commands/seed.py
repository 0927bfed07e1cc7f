"""`seed`: make demo data."""

from __future__ import annotations

import asyncio
import functools
import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from db.commands.add_demo_data import AddedDemoData, add_demo_data
from db.database import Database
from db.engine import create_engine, database_url
from db.errors import DatabaseUnavailable
from domain.errors import DisplayNameTaken, PlatformNameTaken
from graphql_api.commands.database import database_address, settings_or_exit
from graphql_api.commands.migrate import run_migrations
from graphql_api.demo_data.world import DemoSize, DemoWorld
from graphql_api.health import schema_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ACTOR = "seed"
_TEAMS_AT_A_TIME = 10
_SECONDS_BETWEEN_LINES = 5
_EXIT_CODE_OF_CTRL_C = 130


@click.command()
@click.option(
    "--teams", default=25, show_default=True, type=click.IntRange(1, 10_000), metavar="N", help="Teams to make."
)
@click.option(
    "--sessions-per-team",
    default=8,
    show_default=True,
    type=click.IntRange(0, 500),
    metavar="N",
    help="Sessions of a team, on average.",
)
@click.option(
    "--messages-per-session",
    default=12,
    show_default=True,
    type=click.IntRange(0, 500),
    metavar="N",
    help="Messages of a session, on average.",
)
@click.option(
    "--usage-per-team",
    default=200,
    show_default=True,
    type=click.IntRange(0, 10_000),
    metavar="N",
    help="Usage logs of a team, on average, within the last 60 days.",
)
@click.option(
    "--random-seed",
    default=1,
    show_default=True,
    type=click.IntRange(0),
    metavar="N",
    help="Any number. The same one gives the same teams; another one gives others.",
)
@click.option(
    "--show-key",
    is_flag=True,
    help="Print the secret of an API key of the first active team, to try what a team may do. It is not kept anywhere.",
)
def seed(
    *,
    teams: int,
    sessions_per_team: int,
    messages_per_session: int,
    usage_per_team: int,
    random_seed: int,
    show_key: bool,
) -> None:
    """Fill the database with invented teams, to try things out.

    Each team gets API keys, sessions with messages, and usage logs; some override their configuration, a few are
    inactive or have only just begun. With each comes a visitor of the platform "telegram", who has no team.

    Run again, it adds as many teams under other names. Nothing takes them away again, so keep it off a database that
    matters.

    The same options give the same data in an empty database, but for two things: times lie before the present, and
    the keys' secrets are made anew. Models and other defaults are those of the settings.

    Works on DATABASE_URL, which has to be migrated, or on the private PostgreSQL where that is not set, also while
    `serve` is running.
    """
    settings = settings_or_exit()
    size = DemoSize(sessions_per_team, messages_per_session, usage_per_team)
    world = DemoWorld(random_seed, size, settings.defaults(), datetime.now(UTC))
    made = _Made()
    with database_address(settings) as address:
        if settings.database_url is None:
            run_migrations(address)
        try:
            with _progress(teams) as progress:
                engine = create_engine(
                    database_url(address), pool_size=1, behind_pooler=settings.database_pooler != "none"
                )
                asyncio.run(_make(Database(engine), world, teams, made, progress))
        except KeyboardInterrupt:
            click.echo(f"Interrupted. {made}", err=True)
            raise click.exceptions.Exit(_EXIT_CODE_OF_CTRL_C) from None
        except DatabaseUnavailable as error:
            raise click.ClickException(f"{error} {made}") from None
    click.echo(made)
    if show_key:
        _show(made)


@dataclass
class _Made:
    """What was committed so far."""

    rows: Counter[str] = field(default_factory=Counter)
    key: tuple[str, str] | None = field(default=None, repr=False)
    under_way: int = 0
    """Of how many teams more it is not known whether they were."""

    def add(self, added: AddedDemoData) -> None:
        """Count a batch, and remember the first key by which a team can be tried."""
        self.rows.update(
            {
                "teams": len(added.teams),
                "API keys": added.api_keys,
                "sessions": added.sessions,
                "messages": added.messages,
                "usage logs": added.usage_logs,
            }
        )
        for team in added.teams:
            if self.key is None and team.is_active:
                self.key = team.new.display_name, team.api_keys[0].key.secret

    def __str__(self) -> str:
        unknown = f" Up to {self.under_way} more teams may be there." if self.under_way else ""
        if not self.rows:
            return f"Made nothing.{unknown}"
        *others, last = (f"{count:,} {what}" for what, count in self.rows.items())
        return f"Made {', '.join(others)} and {last}.{unknown}"


async def _make(database: Database, world: DemoWorld, teams: int, made: _Made, progress: Callable[[int], None]) -> None:
    try:
        if (problem := await schema_problem(database)) is not None:
            raise click.ClickException(f"Cannot seed: {problem}.")
        number = 0
        while (missing := teams - made.rows["teams"]) > 0:
            numbers = range(number, number + min(missing, _TEAMS_AT_A_TIME))
            wanted = [world.team(number) for number in numbers]
            making = asyncio.create_task(database.change(functools.partial(add_demo_data, teams=wanted, actor=_ACTOR)))
            try:
                added = await asyncio.shield(making)
            except asyncio.CancelledError:
                # Ctrl-C: stopped in the middle of COMMIT, nobody would know whether they are there.
                click.echo("Finishing the teams under way; Ctrl-C again stops at once.", err=True)
                made.under_way = len(wanted)
                with suppress(PlatformNameTaken, DisplayNameTaken, DatabaseUnavailable):
                    made.add(await making)
                    made.under_way = 0
                raise
            except (PlatformNameTaken, DisplayNameTaken):
                # Taken between look and write; the next look sees it.
                continue
            number = numbers.stop
            made.add(added)
            progress(len(added.teams))
    finally:
        await database.close()


@contextmanager
def _progress(teams: int) -> Iterator[Callable[[int], None]]:
    """Show progress on standard error: as a bar, or where that is no terminal, as a line now and then."""
    if sys.stderr.isatty():
        with click.progressbar(length=teams, label="Making teams", file=sys.stderr) as bar:
            yield bar.update
        return
    done, next_line = 0, time.monotonic() + _SECONDS_BETWEEN_LINES

    def update(count: int) -> None:
        nonlocal done, next_line
        done += count
        if time.monotonic() >= next_line:
            click.echo(f"{done:,} of {teams:,} teams made.", err=True)
            next_line = time.monotonic() + _SECONDS_BETWEEN_LINES

    yield update


def _show(made: _Made) -> None:
    if made.key is None:
        click.echo("None of these teams is active, so there is no key to show.", err=True)
    else:
        name, secret = made.key
        click.echo(f"API key of {name}: {secret}")
