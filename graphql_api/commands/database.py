"""Which database a command works on."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from graphql_api.embedded_postgres import EmbeddedPostgresError, embedded_postgres
from graphql_api.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql_api.settings import Settings


def settings_or_exit(*, for_serving: bool = False) -> Settings:
    """Read the settings, or end the command with all that is wrong with them."""
    try:
        return load_settings(for_serving=for_serving)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def database_address(settings: Settings) -> Iterator[str]:
    """Give the address of the configured database, or run the private PostgreSQL and give its address."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    directory = settings.embedded_postgres_directory
    # Where that cannot even be told, the next says what is wrong.
    with suppress(OSError, RuntimeError):
        if not directory.expanduser().exists():
            click.echo(f"Making a private PostgreSQL in {directory} …", err=True)
    try:
        with embedded_postgres(directory) as address:
            yield address
    except EmbeddedPostgresError as error:
        raise click.ClickException(str(error)) from None
