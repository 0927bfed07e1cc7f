"""The command line: `python -m graphql_api`."""

from __future__ import annotations

import click

from graphql_api.commands.export_schema import export_schema
from graphql_api.commands.migrate import migrate
from graphql_api.commands.seed import seed
from graphql_api.commands.serve import serve


@click.group()
def main() -> None:
    """Platform Config API: teams, their overrides and their effective configurations over GraphQL.

    `serve` is all that a first look needs. Settings come from the environment and from a file `.env` in the current
    directory; .env.example lists them.
    """


for command in (serve, migrate, seed, export_schema):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="python -m graphql_api")
