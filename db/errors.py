"""What goes wrong with a database, told apart by what a caller can do about it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterator


class DatabaseUnavailable(Exception):
    """The database cannot be reached or cannot serve right now. The same call may succeed later."""


class DatabaseConflict(DatabaseUnavailable):
    """The database ended a transaction for the sake of another that it was in each other's way with."""


class SchemaOutdated(DatabaseUnavailable):
    """The database lacks a table or a column: its migrations are not current."""


# SQLSTATE classes: connection, authorization, no such database, insufficient resources, operator intervention
# (shutdown, crash, starting up).
_UNAVAILABLE_CLASSES = ("08", "28", "3D", "53", "57P")
# Waited for a lock, or worked, for longer than is allowed.
_TOO_LONG = ("55P03", "57014")
# Deadlocks and serialization failures.
_CONFLICTS = ("40P01", "40001")
_MISSING_TABLE_OR_COLUMN = ("42P01", "42703")


@contextmanager
def database_failures() -> Iterator[None]:
    """Turn failures of the database itself into the errors above; whatever else is raised passes through."""
    try:
        yield
    except PoolTimeoutError as error:
        raise DatabaseUnavailable("All connections to the database are in use.") from error
    except DBAPIError as error:
        state = sqlstate(error)
        if state in _MISSING_TABLE_OR_COLUMN:
            raise SchemaOutdated(
                "The database lacks a table or a column; run `python -m graphql_api migrate`."
            ) from error
        if state in _CONFLICTS:
            raise DatabaseConflict("The database ended this to let somebody else go on; nothing took place.") from error
        # Without a statement, it was connecting that failed.
        never_asked = error.statement is None
        if never_asked or _lost_connection(error) or state.startswith(_UNAVAILABLE_CLASSES) or state in _TOO_LONG:
            raise DatabaseUnavailable(_reason(state)) from error
        raise
    except OSError as error:
        # asyncpg lets the operating system's refusal through when it connects.
        raise DatabaseUnavailable("The database cannot be reached or does not answer.") from error


def took_too_long(error: DBAPIError) -> bool:
    """Tell whether a statement was ended because it waited for a lock, or worked, for longer than it may."""
    return sqlstate(error) in _TOO_LONG


def _reason(state: str) -> str:
    if state.startswith("28"):
        return "The database refuses the account or the password of DATABASE_URL."
    if state.startswith("3D"):
        return "The server is there, and the database of DATABASE_URL is not: create it first."
    if state in _TOO_LONG:
        return "The database took too long: somebody else holds what was asked for, or it is overloaded."
    return "The database cannot be reached or does not answer."


def _lost_connection(error: DBAPIError) -> bool:
    # asyncpg's interface errors are of two kinds: broken connections, and values it cannot encode.
    encoding = isinstance(getattr(error.orig, "__cause__", None), ValueError)
    return error.connection_invalidated or (isinstance(error, InterfaceError) and not encoding)


def sqlstate(error: DBAPIError) -> str:
    """Give the SQLSTATE that PostgreSQL answered with, empty where it did not answer."""
    return getattr(error.orig, "sqlstate", None) or ""


def constraint_name(error: DBAPIError) -> str:
    """Give the name of the constraint or unique index that refused a statement, empty where none did."""
    return getattr(getattr(error.orig, "__cause__", None), "constraint_name", None) or ""
