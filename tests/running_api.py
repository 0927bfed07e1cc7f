"""The real server in a thread of the test process: real sockets, and its SQL statements can be counted."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import httpx
import uvicorn
from pydantic import SecretStr

from graphql_api.app import create_app
from graphql_api.connections import connections
from graphql_api.settings import load_settings
from tests.pooled import pooled
from tests.sent_statements import noting_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from starlette.types import ASGIApp

    from graphql_api.settings import Settings

EXECUTOR = os.environ.get("TESTED_EXECUTOR", "compiled")
"""What executes operations wherever a test says nothing of it, in servers of their own too."""
if EXECUTOR not in ("compiled", "library"):
    raise ValueError("TESTED_EXECUTOR is compiled or library")

ADMIN_KEY = "test-admin-key-0123456789"
TELEGRAM_KEY = "test-telegram-key-0123456789"
INTERNAL_KEY = "test-internal-key-0123456789"


class GraphQLFailed(AssertionError):
    """A response had errors where a test expects none."""


@dataclass
class RunningApi:
    """A server under test, and how tests talk to it."""

    address: str
    engine: Engine
    client: httpx.Client
    key: str = ADMIN_KEY
    statements: list[str] = field(default_factory=list)

    def by(self, key: str) -> Self:
        """Give the same server seen by another caller."""
        return type(self)(self.address, self.engine, self.client, key, self.statements)

    def post(self, document: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """Send an operation."""
        return self.client.post(
            f"{self.address}/graphql",
            json={"query": document, "variables": variables or {}},
            headers={"Authorization": f"Bearer {self.key}", **headers},
        )

    def execute(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send an operation and give its data; any error fails the test."""
        body: dict[str, Any] = self.post(document, variables).json()
        if body.get("errors"):
            raise GraphQLFailed(body["errors"])
        data: dict[str, Any] = body["data"]
        return data

    def error(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send an operation that has to fail with exactly one error, and give that error."""
        errors = self.post(document, variables).json().get("errors") or []
        assert len(errors) == 1, errors
        error: dict[str, Any] = errors[0]
        return error

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """Collect the SQL statements that are sent inside the block."""
        statements: list[str] = []

        def note(statement: str, _parameters: object) -> None:
            # Behind a pooler each transaction begins with its limits, whatever it is for.
            if not statement.startswith("SELECT set_config("):
                statements.append(statement)

        with noting_statements(self.engine, note):
            yield statements


@contextmanager
def running_api(database: str, *, keep_alive: Any = 60, listener: Any = None, **settings: Any) -> Iterator[RunningApi]:
    """Serve the API on a free port of loopback; `settings` replace those of the tests, by the names of their fields.

    A connection on which nothing happens is closed after `keep_alive` seconds. `listener` replaces the usual socket.
    """
    if by_way_of_pooler := pooled(database):
        database, settings = by_way_of_pooler, {"database_pooler": "pgbouncer", **settings}
    configured = load_settings().model_copy(
        update={
            "graphql_executor": EXECUTOR,
            "database_url": SecretStr(database),
            "super_admin_api_keys": SecretStr(f"tester:{ADMIN_KEY}"),
            "telegram_service_key": SecretStr(TELEGRAM_KEY),
            "internal_api_key": SecretStr(INTERNAL_KEY),
            # Tests of other things send wrong keys as well, and all from one address.
            "wrong_keys_per_minute": 1_000_000,
            **settings,
        }
    )
    app = create_app(configured)
    with (
        served(app, configured, listener, keep_alive=keep_alive) as address,
        httpx.Client(timeout=30, limits=httpx.Limits(max_connections=100)) as client,
    ):
        # The socket listens already, so this waits for the server rather than failing before it is there.
        client.get(f"{address}/livez").raise_for_status()
        yield RunningApi(address, app.state.database.engine.sync_engine, client)


@contextmanager
def served(
    app: ASGIApp, settings: Settings, listener: socket.socket | None = None, *, keep_alive: int = 60
) -> Iterator[str]:
    """Serve an application as `serve` does, in a thread of this process, and give its address."""
    listener = listener or socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=connections(settings),
            forwarded_allow_ips=list(settings.forwarded_allow_ips),
            log_config=None,
            access_log=False,
            ws="none",
            timeout_keep_alive=keep_alive,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
