"""PgBouncer in transaction mode, as Debian packages it."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from db.engine import database_url
from tests.api.processes import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path("/usr/sbin/pgbouncer")

_SETTINGS = """
[databases]
* = host={host} port={upstream} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
query_wait_timeout = 30
{more}
"""


def _is_up(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def by_way_of(port: int, database: str) -> str:
    """Give the address of a database by way of the PgBouncer at a port."""
    url = database_url(database).set(drivername="postgresql", host="127.0.0.1", port=port, query={})
    return url.render_as_string(hide_password=False)


@contextmanager
def pgbouncer_to(upstream: str, directory: Path, *, connections: int = 3, more: str = "") -> Iterator[str]:
    """Run PgBouncer in front of the server of a database, with few connections to it, and give its address."""
    url = database_url(upstream)
    socket_directory = url.query.get("host")
    assert not isinstance(socket_directory, tuple)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = directory / "pgbouncer.ini"
    settings.write_text(
        _SETTINGS.format(
            host=socket_directory or url.host,
            upstream=url.port or 5432,
            port=port,
            connections=connections,
            more=more,
        ),
        encoding="utf-8",
    )
    command = [str(PROGRAM), "-q"]
    if os.geteuid() == 0:
        # It refuses root. The owner of the data is the one account that gets at its socket.
        owner = Path(socket_directory).stat().st_uid if socket_directory else pwd.getpwnam("nobody").pw_uid
        command += ["-u", pwd.getpwuid(owner).pw_name]
    with subprocess.Popen(  # noqa: S603 - the command is ours
        [*command, str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(lambda: _is_up(port), "PgBouncer to listen", patience=20)
            yield by_way_of(port, upstream)
        finally:
            process.kill()
