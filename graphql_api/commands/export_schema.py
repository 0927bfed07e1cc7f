"""`export-schema`: the GraphQL schema as text."""

from __future__ import annotations

from pathlib import Path

import click

from schema.build import build_schema, sdl


@click.command("export-schema")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead.")
def export_schema(output: Path | None) -> None:
    """Print the GraphQL schema (SDL), for code generators and reviews. Needs no database."""
    text = sdl(build_schema())
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
