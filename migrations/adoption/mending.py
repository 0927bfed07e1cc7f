"""Carrying out mends."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError

from db.errors import sqlstate
from migrations import operations
from migrations.errors import RowsCameMeanwhile
from migrations.locking import LOCK_TIMEOUT, gave_up_waiting, lock_unavailable
from migrations.progress import signs_of_life

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from migrations.adoption.mends import Mend

_CONSTRAINT_VIOLATIONS: Final = "23"


async def carry_out(connection: AsyncConnection, mends: Iterable[Mend], report: Callable[[str], None]) -> None:
    """Carry mends out one after the other. After an interruption, the next comparison finds which ones are left.

    Raises:
        LockUnavailable: a table was in use for too long.
        RowsCameMeanwhile: a row that a mend forbids was written after the comparison.
    """
    # Committed at once, a statement gives its lock up, and an index can be built concurrently.
    await connection.execution_options(isolation_level="AUTOCOMMIT")
    for mend in mends:
        report(f"{mend.table}: {mend.text} …")
        try:
            async with signs_of_life(report, f"{mend.table}: {mend.text}"):
                await _execute(connection, mend)
        except DBAPIError as error:
            if gave_up_waiting(error):
                raise await lock_unavailable(connection, "The mends before it stay.") from error
            if sqlstate(error).startswith(_CONSTRAINT_VIOLATIONS):
                await _undo(connection, mend)
                raise RowsCameMeanwhile(
                    f"While {mend.table} was being mended ({mend.text}), somebody wrote a row that does not fit. "
                    "The mends before it stay and do no harm. Run the same command again: it lists such rows."
                ) from error
            raise
    await connection.rollback()
    await connection.execution_options(isolation_level="READ COMMITTED")


async def _execute(connection: AsyncConnection, mend: Mend) -> None:
    if mend.concurrent:
        await connection.exec_driver_sql(f"SET lock_timeout = '{operations.CONCURRENT_LOCK_TIMEOUT}'")
    for statement in mend.statements:
        await connection.exec_driver_sql(statement)
    if mend.concurrent:
        await connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


async def _undo(connection: AsyncConnection, mend: Mend) -> None:
    # What cannot be taken back now is found by the next comparison.
    with suppress(DBAPIError):
        for statement in mend.undo:
            await connection.exec_driver_sql(statement)
