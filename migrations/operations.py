"""What several revisions do in the same way. Only ever make it stricter: revisions that have run rely on it."""

from __future__ import annotations

from typing import Final

from alembic import op

from migrations.locking import LOCK_TIMEOUT

CONCURRENT_LOCK_TIMEOUT: Final = "1min"
"""How long a concurrent index may wait for others.

Nobody who reads or writes rows waits behind it, and it has to outlast every transaction that was open when it began.
"""


def create_index_concurrently(name: str, definition: str, *, unique: bool = False) -> None:
    """Build an index while the table stays in use: `definition` is what follows ON.

    It happens outside a transaction, so it has to be all that its revision does to be safe to run again.
    """
    with op.get_context().autocommit_block():
        op.execute(f"SET lock_timeout = '{CONCURRENT_LOCK_TIMEOUT}'")
        # An interrupted build leaves an invalid index behind, which IF NOT EXISTS alone would take for the real one.
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        kind = "UNIQUE INDEX" if unique else "INDEX"
        op.execute(f"CREATE {kind} CONCURRENTLY IF NOT EXISTS {name} ON {definition}")
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def drop_index_concurrently(name: str) -> None:
    """Drop an index while the table stays in use."""
    with op.get_context().autocommit_block():
        op.execute(f"SET lock_timeout = '{CONCURRENT_LOCK_TIMEOUT}'")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def pin_search_path(function: str) -> None:
    """Let a function that acts with the rights of its owner find the tables where they are, whoever calls it.

    Without it a caller could put a table of the same name in the way, and have the owner use that.
    """
    op.execute(
        f"""
        DO $$ BEGIN
            EXECUTE format('ALTER FUNCTION {function} SET search_path = pg_catalog, %I, pg_temp', current_schema());
        END $$
        """
    )
