"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from db.errors import DatabaseUnavailable
from migrations.runner import current_revision, head_revision, is_known

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from db.database import Database

_PATIENCE_SECONDS = 3
_MIGRATE = "run `python -m graphql_api migrate`"


async def schema_problem(database: Database) -> str | None:
    """Say what keeps the database's schema from being served; None where nothing does.

    A revision that this release does not know was made by a later one, whose migrations go first in a rolling upgrade;
    it is served.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
    """
    async with database.read() as session:
        revision = await current_revision(await session.connection())
    if revision is None:
        return f"the database is not migrated; {_MIGRATE}"
    if is_known(revision) and revision != head_revision():
        return f"the database is at revision {revision}, this release needs {head_revision()}; {_MIGRATE}"
    return None


async def livez(_: Request) -> Response:
    """Answer that the process lives; the database is not asked."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """Answer whether requests can be served: the database is reachable and its migrations are current."""
    database: Database = request.app.state.database
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            problem = await schema_problem(database)
    except TimeoutError:
        return JSONResponse({"status": "unavailable", "database": "The database does not answer."}, status_code=503)
    except DatabaseUnavailable as error:
        return JSONResponse({"status": "unavailable", "database": str(error)}, status_code=503)
    if problem is not None:
        return JSONResponse({"status": "unavailable", "database": "ok", "migrations": problem}, status_code=503)
    return JSONResponse({"status": "ok", "database": "ok", "migrations": "ok"})
