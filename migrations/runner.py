"""Migrating a database from within a program; nothing else migrates it.

A process migrates one database at a time, since Alembic keeps the running migration in a global.
"""

from __future__ import annotations

import functools
import io
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from db.engine import create_engine, database_url
from migrations.adoption.take_over import DESCRIBED_REVISION, find_unmanaged, take_over
from migrations.comparison import VERSION_TABLE
from migrations.errors import ExistingTablesAtStake, UnknownRevision
from migrations.locking import gave_up_waiting, lock_unavailable, only_migrator
from migrations.progress import signs_of_life

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

EXISTING_SCHEMA: Final = DESCRIBED_REVISION
"""The revision that stands for the tables of the earlier service. No downgrade goes below it."""

HEAD: Final = "head"

_OWN: Final = "this service's own already"
_NEW: Final = "without tables of an earlier service"


async def upgrade(
    database: AsyncEngine | URL | str,
    revision: str = HEAD,
    *,
    report: Callable[[str], None],
    consent: Callable[[], bool] | None = None,
) -> None:
    """Bring a database up to a revision, each step in a transaction of its own.

    Several processes may do this at once: one migrates, the others wait and find nothing left to do. A database that is
    already there, or beyond, is left as it is. `report` is told, in sentences, what happens.

    Tables that an earlier service made at EXISTING_SCHEMA are compared with that revision and taken over. Those of
    another revision are so with `consent`, which is asked once the plan has been reported.

    Raises:
        UnknownRevision: this release does not know the wanted revision, or the one that the database is at.
        UnmanagedDatabase: our tables are there without our version, and are not taken over; see take_over().
        AdoptionDeclined: `consent` was not given.
        LockUnavailable, RowsCameMeanwhile: a step could not be made; those before stay, and running again goes on from
            there.
    """
    wanted = _known(revision)
    async with _only_migrator(database, report) as connection:
        current = await _checked_revision(connection)
        unmanaged = None if current else await find_unmanaged(connection, adopting=consent is not None)
        if unmanaged is not None:
            following = [_title(later) for later in revisions()[1 : _steps_above_base(wanted)]]
            await take_over(connection, unmanaged, consent=consent, following=following, report=report)
            await _run(connection, command.stamp, EXISTING_SCHEMA, report)
            current = EXISTING_SCHEMA
        elif consent is not None:
            report(f"There is nothing to take over: the database is {_OWN if current else _NEW}.")
        if _steps_above_base(current) >= _steps_above_base(wanted):
            report(f"The database is at {_title(current)}: nothing to do.")
            return
        report(f"Upgrading from {_title(current)} to {_title(wanted)}.")
        await _run(connection, command.upgrade, wanted, report)


async def downgrade(database: AsyncEngine | URL | str, revision: str, *, report: Callable[[str], None]) -> None:
    """Take a database back to a revision, each step in a transaction of its own.

    What the later revisions added is dropped with all that it holds. The tables of the earlier service and their rows
    stay: below EXISTING_SCHEMA nothing is downgraded, since that would drop them. Whoever wants an empty database drops
    the database.

    Raises:
        ExistingTablesAtStake: the wanted revision lies below EXISTING_SCHEMA.
        UnknownRevision, LockUnavailable: see upgrade().
    """
    if revision == "base":
        raise ExistingTablesAtStake(
            f"Below {_title(EXISTING_SCHEMA)} lie only tables that the earlier service owns; they are not dropped. "
            f"Downgrade to {EXISTING_SCHEMA} to remove all that this service added."
        )
    wanted = _known(revision)
    async with _only_migrator(database, report) as connection:
        current = await _checked_revision(connection)
        if _steps_above_base(current) <= _steps_above_base(wanted):
            report(f"The database is at {_title(current)}: nothing to do.")
            return
        report(f"Downgrading from {_title(current)} to {_title(wanted)}.")
        await _run(connection, command.downgrade, wanted, report)


async def current_revision(connection: AsyncConnection) -> str | None:
    """Give the revision that a database is at, None where no migration of ours has run. It may be unknown here."""
    return await connection.run_sync(_read_revision)


@functools.cache
def revisions() -> Sequence[str]:
    """Give all revisions of this release, the oldest first."""
    return tuple(script.revision for script in reversed(list(_scripts().walk_revisions())))


def head_revision() -> str:
    """Give the revision that this release works with."""
    return revisions()[-1]


def is_known(revision: str) -> bool:
    """Tell whether this release has a revision; a database migrated by a later release may be at one it lacks."""
    return revision in revisions()


def upgrade_sql(start: str, end: str = HEAD) -> str:
    """Write the SQL that takes a database from one revision to another, without touching any."""
    sql = io.StringIO()
    command.upgrade(_config(output_buffer=sql), f"{_known(start)}:{_known(end)}", sql=True)
    return sql.getvalue()


def _config(**options: Any) -> Config:
    config = Config(**options)
    # A percent sign would begin an interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


@functools.cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _known(revision: str) -> str:
    if revision == HEAD:
        return head_revision()
    if not is_known(revision):
        raise UnknownRevision(
            f"This release has no revision {revision!r}. It has, the oldest first: {', '.join(revisions())}."
        )
    return revision


def _steps_above_base(revision: str | None) -> int:
    return 0 if revision is None else revisions().index(revision) + 1


def _title(revision: str | None) -> str:
    if revision is None:
        return "no revision"
    return f"{revision} ({_scripts().get_revision(revision).doc.rstrip('.')})"


@asynccontextmanager
async def _only_migrator(
    database: AsyncEngine | URL | str, report: Callable[[str], None]
) -> AsyncIterator[AsyncConnection]:
    if not isinstance(database, URL | str):
        async with only_migrator(database, report) as connection:
            yield connection
        return
    engine = create_engine(database_url(database) if isinstance(database, str) else database, pool_size=1)
    try:
        async with only_migrator(engine, report) as connection:
            yield connection
    finally:
        await engine.dispose()


def _read_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


async def _checked_revision(connection: AsyncConnection) -> str | None:
    current = await current_revision(connection)
    # Alembic leaves transactions alone that it has not begun, so none may be open when it starts.
    await connection.rollback()
    if current is not None and not is_known(current):
        raise UnknownRevision(
            f"The database is at revision {current}, which this release does not know: a later release migrated it. "
            f"Run that release."
        )
    return current


async def _run(
    connection: AsyncConnection,
    alembic_command: Callable[[Config, str], None],
    revision: str,
    report: Callable[[str], None],
) -> None:
    def run(sync_connection: Connection, tell: Callable[[str], None]) -> None:
        def applied(*, step: Any, **_: Any) -> None:
            verb = "Recorded" if step.is_stamp else "Applied" if step.is_upgrade else "Reverted"
            tell(f"{verb} {_title(step.up_revision_id)}.")

        attributes: Mapping[str, Any] = {"connection": sync_connection, "on_version_apply": applied, "report": tell}
        alembic_command(_config(attributes=dict(attributes)), revision)

    try:
        async with signs_of_life(report, "the step that follows") as tell:
            await connection.run_sync(run, tell)
    except DBAPIError as error:
        await connection.rollback()
        if gave_up_waiting(error):
            reached = f"The database is intact at revision {await current_revision(connection) or 'none'}."
            raise await lock_unavailable(connection, reached) from error
        raise
