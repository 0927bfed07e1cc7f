"""`serve`: run the API."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import secrets
import signal
import socket
import sys
from typing import TYPE_CHECKING, NoReturn

import click
import structlog
import uvicorn

from db.database import Database
from db.engine import create_engine, database_url
from db.errors import DatabaseUnavailable, PoolerInTheWay
from graphql_api.app import GRAPHQL_PATH
from graphql_api.commands.database import database_address, settings_or_exit
from graphql_api.commands.migrate import run_migrations
from graphql_api.connections import connections
from graphql_api.health import schema_problem
from graphql_api.logging import configure_logging
from graphql_api.setting_values import admin_keys
from graphql_api.shutdown import CUT_SHORT, SECONDS_TO_FINISH
from graphql_api.supervisor import Supervisor

if TYPE_CHECKING:
    from graphql_api.settings import Settings

logger = structlog.stdlib.get_logger(__name__)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 picks a free one."
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Run the API until Ctrl-C.

    With DATABASE_URL set, it serves that database, which has to be migrated, and needs SUPER_ADMIN_API_KEYS.

    Without it, this is a local trial: a private PostgreSQL is started and migrated, and where no admin key is
    configured, one is made and shown once.
    """
    settings = settings_or_exit(for_serving=True)
    configure_logging(settings.log_level, settings.log_format)
    trial_key = _trial_key(settings, host)
    # Before anything is started: a second server on the same port should have no effect at all.
    listener = _listener(host, port)
    # Ends through the `with` below, which stops the private PostgreSQL.
    signal.signal(signal.SIGTERM, _exit)
    with database_address(settings) as address:
        if settings.database_url is None:
            run_migrations(address)
        else:
            asyncio.run(_require_schema(address, settings))
        os.environ["DATABASE_URL"] = address
        if trial_key is not None:
            os.environ["SUPER_ADMIN_API_KEYS"] = f"local-trial:{trial_key}"
        _announce(host, listener.getsockname()[1], trial_key)
        _run(settings, listener, workers)


def _trial_key(settings: Settings, host: str) -> str | None:
    if admin_keys(settings.super_admin_api_keys):
        return None
    if not _is_loopback(host):
        raise click.ClickException(
            f"A local trial listens on loopback only, not on {host}. "
            "Set SUPER_ADMIN_API_KEYS to a key of your own to listen elsewhere."
        )
    return f"admin_{secrets.token_urlsafe(32)}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Two servers could both bind; only one can listen.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = (
                f"Port {port} on {host} is in use, perhaps by this server started before. "
                "Stop that one, or choose another port with --port."
            )
        elif error.errno == errno.EACCES:
            message = f"Port {port} may not be used by this account. Choose one above 1023 with --port."
        else:
            message = f"Cannot listen on {host} port {port}: {error.strerror or error}. Choose another with --host."
        raise click.ClickException(message) from None
    listener.set_inheritable(True)
    return listener


async def _require_schema(address: str, settings: Settings) -> None:
    """End the command where the database is not migrated. One that is down may come up: that is for /readyz to tell."""
    behind_pooler = settings.database_pooler != "none"
    database = Database(create_engine(database_url(address), pool_size=1, behind_pooler=behind_pooler))
    try:
        problem = await schema_problem(database)
    except PoolerInTheWay as error:
        # Nothing that would pass by itself.
        raise click.ClickException(f"Cannot serve: {error}") from None
    except DatabaseUnavailable as error:
        logger.warning("Serving begins without the database; /readyz tells when it is there.", reason=str(error))
    else:
        if problem is not None:
            raise click.ClickException(f"Cannot serve: {problem}.")
    finally:
        await database.close()


def _announce(host: str, port: int, trial_key: str | None) -> None:
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"GraphiQL and API:  http://{shown}:{port}{GRAPHQL_PATH}", err=True)
    if trial_key is not None:
        click.echo(f"Admin key:         {trial_key}", err=True)
        click.echo(
            "                   Made for this run and shown only now; set SUPER_ADMIN_API_KEYS for one that stays.",
            err=True,
        )
    click.echo("Ctrl-C stops it.", err=True)


def _run(settings: Settings, listener: socket.socket, workers: int) -> None:
    config = uvicorn.Config(
        "graphql_api.asgi:application",
        factory=True,
        http=connections(settings),
        forwarded_allow_ips=list(settings.forwarded_allow_ips),
        workers=workers,
        # Logs are configured already, here and in each worker.
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        # Longer than proxies keep an idle connection, so that none is closed just as a request is sent on it.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    try:
        if workers > 1:
            supervisor = Supervisor(config, listener, delay=settings.shutdown_delay_seconds)
            supervisor.run()
            if not supervisor.ended_in_good_order:
                sys.exit(CUT_SHORT)
        else:
            uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        # uvicorn has shut down in good order and passes Ctrl-C on.
        click.echo("Stopped.", err=True)


def _exit(*_: object) -> NoReturn:
    sys.exit(0)
