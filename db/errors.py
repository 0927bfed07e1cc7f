"""What goes wrong with a database, told apart by what a caller can do about it.

DatabaseUnavailable     cannot be reached, or cannot serve right now
  ConnectionLost        the connection broke, or none was made; the same call may succeed at once on another
  DatabaseConflict      a transaction was ended for the sake of another; the same call may succeed at once
  DatabaseReadOnly      nothing can be written
  SchemaOutdated        its migrations are not current
  TookTooLong           a statement waited for a lock, or worked, for longer than it may
  PoolerInTheWay        the address is that of a pooler, and nothing says so
StatementFailed         PostgreSQL refuses a statement
  ConstraintViolated    a constraint or a unique index refuses what was to be written
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

if TYPE_CHECKING:
    from collections.abc import Mapping


class DatabaseUnavailable(Exception):
    """The database cannot be reached or cannot serve right now. The same call may succeed later."""


class ConnectionLost(DatabaseUnavailable):
    """The connection broke, or none could be made."""


class DatabaseConflict(DatabaseUnavailable):
    """The database ended a transaction for the sake of another that it was in each other's way with."""


class DatabaseReadOnly(DatabaseUnavailable):
    """The database takes no changes: it is a standby, or was made read-only."""

    def __init__(self, message: str = "The database is read-only: it answers reads and takes no changes.") -> None:
        super().__init__(message)


class SchemaOutdated(DatabaseUnavailable):
    """The database lacks a table or a column: its migrations are not current."""


class StatementFailed(Exception):
    """PostgreSQL refuses a statement of ours, or the driver a parameter: a defect of this service."""


class ConstraintViolated(StatementFailed):
    """A constraint or a unique index refuses what was to be written; `name` is its, empty where it has none."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class TookTooLong(DatabaseUnavailable):
    """The database ended a statement that waited for a lock, or worked, for longer than it may."""

    def __init__(self) -> None:
        super().__init__("The database took too long: somebody else holds what was asked for, or it is overloaded.")


class AllConnectionsInUse(DatabaseUnavailable):
    """Others have all connections of this process, and gave none back in time."""

    def __init__(self) -> None:
        super().__init__("All connections to the database are in use.")


class PoolerInTheWay(DatabaseUnavailable):
    """A pooler stands between this service and PostgreSQL, and nothing says so."""

    def __init__(self) -> None:
        super().__init__(
            "DATABASE_URL leads to a pooler such as PgBouncer. To serve through it, set DATABASE_POOLER=pgbouncer; "
            "to migrate, give PostgreSQL's own address."
        )


ERRORS_OF_THE_DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_SILENT = "The database cannot be reached or does not answer."
# SQLSTATE classes: authorization, no such database, insufficient resources, operator intervention.
_UNAVAILABLE_CLASSES = ("28", "3D", "53", "57P")
# After these the connection is of no use: connection trouble; shutdown, crash, starting up, closed for idling.
_LOST = ("08", "57P01", "57P02", "57P03", "57P05", "25P03")
# Waited for a lock, or worked, for longer than is allowed.
_TOO_LONG = ("55P03", "57014")
_CONFLICT = (DatabaseConflict, "The database ended this to let somebody else go on; nothing took place.")
_OUTDATED = (SchemaOutdated, "The database lacks a table or a column; run `python -m graphql_api migrate`.")
_TOLD_BY_STATE: Mapping[str, tuple[type[DatabaseUnavailable], str]] = {
    "40P01": _CONFLICT,
    "40001": _CONFLICT,
    "42P01": _OUTDATED,
    "42703": _OUTDATED,
    "25006": (DatabaseReadOnly, "The database is read-only: it answers reads and takes no changes."),
}
"""Deadlocks and serialization failures; missing tables and columns; transactions that may not write."""


class _DatabaseFailures:
    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if error is not None and (failure := _told_apart(error)) is not None:
            raise failure from error


def database_failures() -> _DatabaseFailures:
    """Turn failures of the database itself into the errors above; whatever else is raised passes through."""
    return _DATABASE_FAILURES


_DATABASE_FAILURES = _DatabaseFailures()


def _told_apart(error: BaseException) -> DatabaseUnavailable | None:
    if isinstance(error, PoolTimeoutError):
        return AllConnectionsInUse()
    if isinstance(error, DBAPIError):
        # Without a statement, it was connecting that failed.
        if error.statement is None:
            return _failure_to_connect(error.orig)
        return _failure(sqlstate(error), broken=breaks_connection(error))
    if isinstance(error, (AsyncAdapt_asyncpg_dbapi.Error, *ERRORS_OF_THE_DRIVER)):
        # Connections that the pool makes for statements that are kept, and what a new connection is asked first, do not
        # go through what of SQLAlchemy would wrap it.
        return _failure_to_connect(error)
    if isinstance(error, TimeoutError):
        return DatabaseUnavailable(_SILENT)
    # asyncpg lets the operating system's refusal through when it connects.
    return ConnectionLost(_SILENT) if isinstance(error, OSError) else None


def _failure_to_connect(error: BaseException | None) -> DatabaseUnavailable:
    state = getattr(error, "sqlstate", None) or ""
    if state.startswith("08") and "startup parameter" in str(error):
        return PoolerInTheWay()
    return _failure(state, broken=not state) or DatabaseUnavailable(_reason(state))


def _failure(state: str, *, broken: bool) -> DatabaseUnavailable | None:
    if state in _TOLD_BY_STATE:
        kind, message = _TOLD_BY_STATE[state]
        return kind(message)
    if broken or state.startswith(_LOST):
        return ConnectionLost(_SILENT)
    if state in _TOO_LONG:
        return TookTooLong()
    if state.startswith(_UNAVAILABLE_CLASSES):
        return DatabaseUnavailable(_reason(state))
    return None


def failure_of_statement(error: BaseException) -> DatabaseUnavailable | StatementFailed:
    """Tell what an error of the driver itself means, that a statement ended with."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return ConstraintViolated(error.constraint_name or "")
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        # A migration changed what the statement gives. The driver has forgotten it by now, and asks anew.
        return DatabaseConflict("The database's tables changed just now; nothing took place.")
    state = getattr(error, "sqlstate", None) or ""
    # Its own words may hold a parameter or a row.
    return _failure(state, broken=is_end_of_connection(error)) or StatementFailed(type(error).__name__)


def without_row(error: BaseException) -> BaseException | None:
    """Give an error of the driver as a log may have it, None where nothing of it may be shown.

    PostgreSQL's detail quotes whole rows, and the driver a parameter that it cannot write; either may hold the digest
    of a key.
    """
    if isinstance(error, ValueError):
        return None
    if isinstance(error, asyncpg.PostgresError):
        error.detail = None
    return error


def is_end_of_connection(error: BaseException) -> bool:
    """Tell whether the connection is of no use after an error of the driver itself."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_LOST)
    # Those of an interface are of two kinds: broken connections, and values that cannot be encoded.
    broken = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
    return isinstance(error, broken) and not isinstance(error, ValueError)


def breaks_connection(error: DBAPIError) -> bool:
    """Tell whether the connection is of no use after an error."""
    cause = getattr(error.orig, "__cause__", None)
    return (
        error.connection_invalidated
        or sqlstate(error).startswith(_LOST)
        # asyncpg's interface errors are of two kinds: broken connections, and values it cannot encode.
        or (isinstance(error, InterfaceError) and not isinstance(cause, ValueError))
        # It did not understand what it was sent.
        or isinstance(cause, asyncpg.InternalClientError)
    )


def _reason(state: str) -> str:
    if state.startswith("28"):
        return "The database refuses the account or the password of DATABASE_URL."
    if state.startswith("3D"):
        return "The server is there, and the database of DATABASE_URL is not: create it first."
    if state.startswith("53"):
        return "The database has run out of connections, memory or space."
    return _SILENT


def sqlstate(error: DBAPIError) -> str:
    """Give the SQLSTATE that PostgreSQL answered with, empty where it did not answer."""
    return getattr(error.orig, "sqlstate", None) or ""
