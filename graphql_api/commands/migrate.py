"""`migrate`: bring the database up to this release."""

from __future__ import annotations

import asyncio

import click

from db.errors import DatabaseUnavailable, database_failures
from graphql_api.commands.database import database_address, settings_or_exit
from migrations.errors import MigrationError
from migrations.runner import upgrade


@click.command()
def migrate() -> None:
    """Bring the database up to this release.

    Makes all tables in an empty database and changes those of an earlier release, step by step; running it again does
    no harm. Works on DATABASE_URL, or on the private PostgreSQL where that is not set.
    """
    with database_address(settings_or_exit()) as address:
        run_migrations(address)


def run_migrations(address: str) -> None:
    """Migrate, saying what happens on standard error; end the command with a message where it cannot."""
    try:
        with database_failures():
            asyncio.run(upgrade(address, report=lambda line: click.echo(line, err=True)))
    except (MigrationError, DatabaseUnavailable) as error:
        raise click.ClickException(str(error)) from None
