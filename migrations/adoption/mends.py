"""What is done to a table so that it fits. No mend rewrites a table, or holds it locked while it reads rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CHECK_PREFIX: Final = "platform_config_not_null_"
"""Begins the names of check constraints that exist only while a column is being made NOT NULL."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Rows that a mend would fail on: how many there are is for the database to say.

    `query` gives them, `text` says what they are, `advice` what to do with them.
    """

    query: str
    text: str
    advice: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mend:
    """One mend. Each of its statements is a transaction of its own, and the service works after any of them.

    `undo` takes back what the statements may have left where they failed on a row that came meanwhile. Statements that
    are `concurrent` wait for all transactions of the database, and let nobody wait.
    """

    table: str
    text: str
    statements: tuple[str, ...]
    obstacle: Obstacle | None = None
    undo: tuple[str, ...] = ()
    concurrent: bool = False


def set_default(table: str, column: str, default: str, found: str | None) -> Mend:
    """Give a column the default that rows of this service need. Rows that are there keep what they hold."""
    instead = f" in place of {found}" if found else ""
    return Mend(
        table,
        f"give {column} the default {default}{instead}",
        (f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default}",),
    )


def allow_null(table: str, column: str) -> Mend:
    """Let a column be empty."""
    return Mend(table, f"allow nulls in {column}", (f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL",))


def check_name(table: str, column: str) -> str:
    """Give the name of the constraint by which a column is made NOT NULL."""
    return f"{CHECK_PREFIX}{table}_{column}"


def require_value(table: str, column: str, *, begun: bool) -> Mend:
    """Require a value of each row; `begun` says that an interrupted attempt has left its constraint.

    SET NOT NULL alone reads the whole table with everybody locked out. With a valid constraint that says the same it
    reads nothing, and validating locks out nobody.
    """
    check = check_name(table, column)
    add = f"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID"
    return Mend(
        table,
        f"require a value in {column}, after a look at all rows",
        (
            *(() if begun else (add,)),
            f"ALTER TABLE {table} VALIDATE CONSTRAINT {check}",
            f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL",
            f"ALTER TABLE {table} DROP CONSTRAINT {check}",
        ),
        obstacle=Obstacle(
            f"SELECT * FROM {table} WHERE {column} IS NULL",  # noqa: S608 - names of the description
            f"rows without a value in {column}",
            "give them one",
            (table,),
        ),
        undo=(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {check}",),
    )


def drop_check(table: str, check: str) -> Mend:
    """Drop the constraint that an interrupted attempt has left behind."""
    return Mend(
        table, f"drop {check}, left by an interrupted attempt", (f"ALTER TABLE {table} DROP CONSTRAINT {check}",)
    )


def build_index(table: str, name: str, column: str, *, unique: bool, left_over: bool) -> Mend:
    """Build an index while the table stays in use; `left_over` says that an interrupted build has left its ruin."""
    kind = "UNIQUE INDEX" if unique else "INDEX"
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    again = " anew, since its building was interrupted" if left_over else ""
    duplicates = Obstacle(
        f"SELECT {column} FROM {table} GROUP BY {column} HAVING count(*) > 1",  # noqa: S608 - names of the description
        f"values of {column} in more than one row",
        "leave each in one",
        (table,),
    )
    return Mend(
        table,
        f"build the {kind.lower()} {name} on {column}{again}",
        # IF EXISTS of itself could find an index of that name in another schema.
        (*((drop,) if left_over else ()), f"CREATE {kind} CONCURRENTLY {name} ON {table} ({column})"),
        obstacle=duplicates if unique else None,
        undo=(drop,),
        concurrent=True,
    )


def add_foreign_key(table: str, column: str, target: str, name: str, *, exists: bool) -> Mend:
    """Have a column refer to a table; `exists` says that the key is there and nobody has looked at older rows yet."""
    add = f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {target} (id) NOT VALID"
    return Mend(
        table,
        f"{'validate' if exists else 'add'} the foreign key {name} from {column} to {target}, after a look at all rows",
        (*(() if exists else (add,)), f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}"),
        obstacle=Obstacle(
            f"SELECT * FROM {table} AS t WHERE {column} IS NOT NULL"  # noqa: S608 - names of the description
            f" AND NOT EXISTS (SELECT FROM {target} WHERE {target}.id = t.{column})",
            f"rows whose {column} is no id of {target}",
            "give them one that exists, or remove them",
            (table, target),
        ),
        undo=() if exists else (f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}",),
    )
