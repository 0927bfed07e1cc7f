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

from benchmarks.limits.applications import applications, settings_for
from benchmarks.limits.variants import OVER_HTTP
from graphql_api.connection import connections
from graphql_api.logging import configure_logging


async def serve(database: str) -> None:
    """Serve until the process is ended."""
    settings = settings_for(database)
    listeners = {name: socket.create_server(("127.0.0.1", 0)) for name in OVER_HTTP}
    async with applications(settings, OVER_HTTP) as made:
        servers = [
            uvicorn.Server(
                # As the program's own command has it.
                uvicorn.Config(
                    made[name],
                    http=connections(settings) if variant.bounded_connections else "httptools",
                    forwarded_allow_ips=list(settings.forwarded_allow_ips),
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    ws="none",
                    timeout_keep_alive=75,
                    # It would have each listen to signals.
                    lifespan="off",
                )
            ).serve([listeners[name]])
            for name, variant in OVER_HTTP.items()
        ]
        click.echo(json.dumps({name: listener.getsockname()[1] for name, listener in listeners.items()}))
        await asyncio.gather(*servers)


if __name__ == "__main__":
    configure_logging("INFO", "json")
    uvloop.run(serve(sys.argv[1]))
