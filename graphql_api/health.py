"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from db.errors import DatabaseReadOnly, DatabaseUnavailable
from db.queries.server import is_read_only
from migrations.runner import current_revision, head_revision, is_known

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from db.database import Database, ReadSession
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


async def _schema_problem(session: ReadSession) -> str | None:
    revision = await current_revision(await session.connection())
    if revision is None:
        return f"the database is not migrated; {_MIGRATE}"
    if is_known(revision) and revision != head_revision():
        return f"the database is at revision {revision}, this release needs {head_revision()}; {_MIGRATE}"
    return None


async def livez(_: Request) -> Response:
    """Answer that the process lives; the database is not asked."""
    return JSONResponse({"status": "ok"})


async def _problem_of_requests(session: ReadSession) -> str | None:
    if (problem := await _schema_problem(session)) is None and await is_read_only(session):
        raise DatabaseReadOnly("The database is read-only: it answers reads and takes no changes.")
    return problem


async def readyz(request: Request) -> Response:
    """Answer whether requests can be served, reads and changes.

    That is: the database is reachable and takes changes, its migrations are current, and the process is to go on.
    """
    shutdown: Shutdown = request.app.state.shutdown
    if shutdown.has_begun:
        return _unavailable(server="shutting down")
    database: Database = request.app.state.database
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            problem = await database.fetch(_problem_of_requests)
    except TimeoutError:
        return _unavailable(database="The database does not answer.")
    except DatabaseUnavailable as error:
        return _unavailable(database=str(error))
    if problem is not None:
        return _unavailable(database="ok", migrations=problem)
    return JSONResponse({"status": "ok", "database": "ok", "migrations": "ok"})


def _unavailable(**reasons: str) -> Response:
    return JSONResponse({"status": "unavailable", **reasons}, status_code=503)
