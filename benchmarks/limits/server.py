"""A process that serves all variants, each at a port of its own, and writes first which: as JSON in a line.

One process, since two that run the same differ by more than the limits take: by where things lie in their memory.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys

import click
import uvicorn
import uvloop

from benchmarks.limits.applications import served, settings_for
from benchmarks.limits.variants import VARIANTS
from graphql_api.logging import configure_logging


async def serve(database: str) -> None:
    """Serve until the process is ended."""
    listeners = {name: socket.create_server(("127.0.0.1", 0)) for name in VARIANTS}
    async with served(settings_for(database), VARIANTS) as made:
        servers = [uvicorn.Server(config).serve([listeners[name]]) for name, config in made.items()]
        click.echo(json.dumps({name: listener.getsockname()[1] for name, listener in listeners.items()}))
        await asyncio.gather(*servers)


if __name__ == "__main__":
    configure_logging("INFO", "json")
    uvloop.run(serve(sys.argv[1]))
