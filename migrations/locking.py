"""One migrator at a time, and one that does not wait long for tables in use."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.errors import sqlstate
from migrations.errors import LockUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

MIGRATION_LOCK: Final = int.from_bytes(b"PlatConf", "big")
"""Key of the advisory lock that a migrator holds for its whole run: 5795113972494462566."""

LOCK_TIMEOUT: Final = "3s"
"""How long a statement may wait for a table.

Whoever comes after a waiting ALTER TABLE waits behind it, so this is how long a migration can hold up the service.
"""

SESSION_SETTINGS: Final = (
    f"SET lock_timeout = '{LOCK_TIMEOUT}'",
    # A limit that a role carries for its requests would cut off a long index build.
    "SET statement_timeout = 0",
    # What a step reads after it got its lock has to be what is there then.
    "SET default_transaction_isolation = 'read committed'",
)
"""What a session that migrates sets before all else."""

_POLL_SECONDS: Final = 0.25
_POLLS_BETWEEN_REPORTS: Final = 120
_LOCK_NOT_AVAILABLE: Final = "55P03"
_DEADLOCK_DETECTED: Final = "40P01"

_HOLDER = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND ((classid::bigint << 32) | objid::bigint) = :key"
)
_LONGEST_TRANSACTIONS = text(
    "SELECT pid, application_name, extract(epoch FROM clock_timestamp() - xact_start)::integer FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
    " ORDER BY xact_start LIMIT 3"
)


@asynccontextmanager
async def only_migrator(engine: AsyncEngine, report: Callable[[str], None]) -> AsyncIterator[AsyncConnection]:
    """Give a connection that no other migrator of this database holds at the same time, with time-outs set.

    The lock belongs to the database session, so a pooler between us and PostgreSQL has to pool sessions.
    """
    async with engine.connect() as connection:
        try:
            for setting in SESSION_SETTINGS:
                await connection.execute(text(setting))
            await connection.commit()
            await _queue_up(connection, report)
            yield connection
        finally:
            # A broken session gives the lock up by itself; a sound one does it now, so that nobody polls in vain.
            with suppress(DBAPIError):
                await connection.rollback()
                await connection.execute(text("SELECT pg_advisory_unlock_all()"))
            # The time-outs end with the session: a pool must not keep it.
            await connection.invalidate()


async def _queue_up(connection: AsyncConnection, report: Callable[[str], None]) -> None:
    polls = 0
    while not (await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": MIGRATION_LOCK})):
        if polls % _POLLS_BETWEEN_REPORTS == 0:
            pid = await connection.scalar(_HOLDER, {"key": MIGRATION_LOCK})
            report(f"Another process (PostgreSQL backend {pid}) is migrating this database: waiting for it to finish.")
        polls += 1
        # pg_advisory_lock would wait within a statement, and so would any transaction left open here: the other
        # migrator's concurrent index would then wait for us while we wait for it.
        await connection.rollback()
        await asyncio.sleep(_POLL_SECONDS)
    await connection.commit()


def gave_up_waiting(error: DBAPIError) -> bool:
    """Tell whether a statement failed only because others were using what it needs."""
    return sqlstate(error) in (_LOCK_NOT_AVAILABLE, _DEADLOCK_DETECTED)


@asynccontextmanager
async def told_of_locks(connection: AsyncConnection, reached: str) -> AsyncIterator[None]:
    """Raise LockUnavailable where a statement of the block waited in vain; `reached` is as in lock_unavailable()."""
    try:
        yield
    except DBAPIError as error:
        await connection.rollback()
        if gave_up_waiting(error):
            raise await lock_unavailable(connection, reached) from error
        raise


async def lock_unavailable(connection: AsyncConnection, reached: str) -> LockUnavailable:
    """Say what is in the way, after the step that met it has been rolled back; `reached` is a sentence on the rest."""
    rows = (await connection.execute(_LONGEST_TRANSACTIONS)).all()
    await connection.rollback()
    in_the_way = ", ".join(f"backend {pid} ({name or 'unnamed'}), open for {age} s" for pid, name, age in rows)
    return LockUnavailable(
        "A table that the next step changes was in use for longer than a migration may wait. "
        f"{reached} Whatever that step had begun does not count and is done over next time. "
        "Run the migration again when long transactions have ended. "
        f"The longest open now: {in_the_way or 'none'}."
    )
