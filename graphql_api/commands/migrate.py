"""`migrate`: bring the database up to this release."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import click

from db.errors import DatabaseUnavailable, database_failures
from graphql_api.commands.database import database_address, settings_or_exit
from migrations.errors import AdoptionDeclined, MigrationError
from migrations.runner import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable

_EXIT_CODE_OF_CTRL_C = 130


@click.command()
@click.option(
    "--adopt",
    is_flag=True,
    help="Take over the tables of an earlier service whatever revision they are at: compare them with what is needed, "
    "show a plan, and ask. Nothing is changed where something does not fit.",
)
@click.option("--yes", is_flag=True, help="With --adopt: go ahead without asking.")
def migrate(*, adopt: bool, yes: bool) -> None:
    """Bring the database up to this release.

    Makes all tables in an empty database and changes those of an earlier release, step by step; running it again does
    no harm. Tables that the earlier service made at its revision 71521c6321dc are compared with that revision first.
    Works on DATABASE_URL, or on the private PostgreSQL where that is not set.
    """
    if yes and not adopt:
        raise click.UsageError("--yes answers the question that --adopt asks: give both, or neither.")
    with database_address(settings_or_exit()) as address:
        try:
            run_migrations(address, consent=_consent(asking=not yes) if adopt else None)
        except KeyboardInterrupt:
            click.echo("Interrupted. The same command goes on from here.", err=True)
            raise click.exceptions.Exit(_EXIT_CODE_OF_CTRL_C) from None


def run_migrations(address: str, *, consent: Callable[[], bool] | None = None) -> None:
    """Migrate, saying what happens on standard error; end the command with a message where it cannot.

    With `consent`, tables of an earlier service are taken over, see migrations.runner.upgrade().
    """
    try:
        with database_failures():
            asyncio.run(upgrade(address, report=lambda line: click.echo(line, err=True), consent=consent))
    except AdoptionDeclined as declined:
        # An answer and no failure, though a script has to notice that nothing was migrated.
        click.echo(str(declined), err=True)
        raise click.exceptions.Exit(1) from None
    except (MigrationError, DatabaseUnavailable) as error:
        raise click.ClickException(str(error)) from None


def _consent(*, asking: bool) -> Callable[[], bool]:
    return _ask if asking else lambda: True


def _ask() -> bool:
    # While asyncio runs, Ctrl-C would take effect only after the answer.
    heeded_before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return click.confirm("Go ahead?", err=True)
    except click.Abort:
        # Ctrl-C, or nobody there to answer: the question stays alone on its line.
        click.echo(err=True)
        return False
    finally:
        signal.signal(signal.SIGINT, heeded_before)
