"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from db.errors import DatabaseReadOnly, DatabaseUnavailable
from db.queries.server import is_read_only
from migrations.runner import current_revision, head_revision, is_known

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection
    from starlette.requests import Request
    from starlette.responses import Response

    from db.database import Database
    from graphql_api.shutdown import Shutdown

_PATIENCE_SECONDS = 3
_MIGRATE = "run `python -m graphql_api migrate`"


async def schema_problem(database: Database) -> str | None:
    """Say what keeps the database's schema from being served; None where nothing does.

    A revision that this release does not know was made by a later one, whose migrations go first in a rolling upgrade;
    it is served.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
    """
    return await database.fetch(_schema_problem)


async def _schema_problem(connection: AsyncConnection) -> str | None:
    revision = await current_revision(connection)
    if revision is None:
        return f"the database is not migrated; {_MIGRATE}"
    if is_known(revision) and revision != head_revision():
        return f"the database is at revision {revision}, this release needs {head_revision()}; {_MIGRATE}"
    return None


async def livez(_: Request) -> Response:
    """Answer that the process lives; the database is not asked."""
    return JSONResponse({"status": "ok"})


async def _problem_of_requests(connection: AsyncConnection) -> str | None:
    if (problem := await _schema_problem(connection)) is None and await is_read_only(connection):
        raise DatabaseReadOnly("The database is read-only: it answers reads and takes no changes.")
    return problem


class Readiness:
    """Asks the database whether requests can be served: once at a time, however many want to know.

    Nobody needs a key to ask, and so nobody may take connections by it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking = asyncio.Lock()
        self._next: asyncio.Task[str | None] | None = None

    async def problem(self) -> str | None:
        """Say what keeps requests from being served, None where nothing does; as it was found after the call.

        Raises:
            DatabaseUnavailable: the database cannot be reached.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._ask())
            # Those who wanted to know may all have left by the time it fails, and to nobody that would be a defect.
            self._next.add_done_callback(lambda asked: asked.cancelled() or asked.exception())
        return await asyncio.shield(self._next)

    async def _ask(self) -> str | None:
        async with self._asking:
            # Whoever comes from now on has to wait for another answer: this one may be older than the question.
            self._next = None
            return await self._database.fetch(_problem_of_requests)


async def readyz(request: Request) -> Response:
    """Answer whether requests can be served, reads and changes.

    That is: the database is reachable and takes changes, its migrations are current, and the process is to go on.
    """
    shutdown: Shutdown = request.app.state.shutdown
    if shutdown.has_begun:
        return _unavailable(server="shutting down")
    readiness: Readiness = request.app.state.readiness
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            problem = await readiness.problem()
    except TimeoutError:
        return _unavailable(database="The database does not answer.")
    except DatabaseUnavailable as error:
        return _unavailable(database=str(error))
    if problem is not None:
        return _unavailable(database="ok", migrations=problem)
    return JSONResponse({"status": "ok", "database": "ok", "migrations": "ok"})


def _unavailable(**reasons: str) -> Response:
    return JSONResponse({"status": "unavailable", **reasons}, status_code=503)
