"""Working through the rows that are older than a trigger, in batches. Revisions that have run rely on it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

from db.errors import sqlstate
from migrations.operations import keep_triggers_to_the_owner

if TYPE_CHECKING:
    from collections.abc import Callable

    from alembic.runtime.migration import MigrationContext

STATE: Final = "platform_config_backfill"
"""The table that says, for each table worked on, up to which id it is `done`, and the `boundary` where that ends."""

BEFORE_ALL_IDS: Final = -(2**31) - 1
"""Below what the ids of the earlier service's tables can be."""

SECONDS_BETWEEN_REPORTS: Final = 5.0
"""How often a long step says how far it is."""

_ATTEMPTS: Final = 5
# Somebody deleted what rows of the batch refer to, or wanted the same rows in another order: the next look is at what
# is there then.
_WORTH_ANOTHER_ATTEMPT: Final = ("23503", "40P01")


def create_state() -> None:
    """Make the table of how far each back-fill is."""
    op.create_table(
        STATE,
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("boundary", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f(f"{STATE}_pkey")),
    )
    keep_triggers_to_the_owner(STATE)


def begin(table: str) -> None:
    """Draw the boundary at the newest row, unless it is drawn. Triggers that see to later rows have to be made before.

    Making them waits for whoever is writing and keeps others from it until the end of the transaction, so no row can
    come in between. A revision that goes on to work through the rows may be stopped after it, and begins again then.
    """
    op.execute(
        f"INSERT INTO {STATE} (name, done, boundary)"  # noqa: S608 - names of our own
        f" SELECT '{table}', {BEFORE_ALL_IDS}, coalesce(max(id), {BEFORE_ALL_IDS}) FROM {table}"
        " ON CONFLICT (name) DO NOTHING"
    )


def record_as_complete(table: str) -> None:
    """Say that nothing is left to do, for a table whose back-fill was forgotten since."""
    op.execute(
        f"INSERT INTO {STATE} (name, done, boundary)"  # noqa: S608 - names of our own
        f" VALUES ('{table}', {BEFORE_ALL_IDS}, {BEFORE_ALL_IDS})"
    )


def forget(table: str) -> None:
    """Forget how far the back-fill of a table is."""
    op.execute(f"DELETE FROM {STATE} WHERE name = '{table}'")  # noqa: S608 - names of our own


def drop_state() -> None:
    """Drop the table, once nothing reads it any more."""
    op.execute(f"-- squawk-ignore ban-drop-table\nDROP TABLE {STATE}")


def in_batches(table: str, statement: str, *, rows: int, activity: str) -> None:
    """Run `statement` for all ids of `table` up to the boundary, each batch a transaction of its own.

    `statement` does its work for the ids above `state.done` and up to `upper`. It commits together with the note that
    it was done, so whoever stops it anywhere, or kills it, loses one batch; running it again goes on from there.
    `activity` begins the sentences that tell how far it is.
    """
    batch = _batch(table, statement, rows)
    context = op.get_context()
    with context.autocommit_block():
        if context.as_sql:
            op.execute(_block(f"LOOP {batch} EXIT WHEN upper >= state.boundary; COMMIT; END LOOP;"))
        else:
            _work_through(table, _block(batch), activity, _report(context))


def _batch(table: str, statement: str, rows: int) -> str:
    # The table comes first, as for whoever truncates it and meets the state only then: neither waits for the other.
    return f"""
        LOCK TABLE {table} IN ACCESS SHARE MODE;
        SELECT * INTO STRICT state FROM {STATE} WHERE name = '{table}' FOR UPDATE;
        SELECT coalesce(max(id), state.boundary) INTO upper FROM (
            SELECT id FROM {table} WHERE id > state.done AND id <= state.boundary ORDER BY id LIMIT {rows}
        ) AS batch;
        {statement};
        UPDATE {STATE} SET done = upper WHERE name = '{table}';
    """  # noqa: S608 - SQL of our own


def _block(body: str) -> str:
    return f"DO $$ DECLARE state {STATE}; upper bigint; BEGIN {body} END $$"


def _report(context: MigrationContext) -> Callable[[str], None]:
    if context.config is None:
        raise RuntimeError("migrations run by migrations.runner only")
    report: Callable[[str], None] = context.config.attributes["report"]
    return report


def _work_through(table: str, batch: str, activity: str, report: Callable[[str], None]) -> None:
    progress = sa.text(f"SELECT done, boundary FROM {STATE} WHERE name = :table").bindparams(table=table)  # noqa: S608 - a name of our own
    reported = time.monotonic()
    while True:
        done, boundary = op.get_bind().execute(progress).one()
        if done >= boundary:
            return
        if time.monotonic() - reported >= SECONDS_BETWEEN_REPORTS:
            report(f"{activity}: at id {max(done, 0):,} of {boundary:,} …")
            reported = time.monotonic()
        _run(batch)


def _run(batch: str) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            op.execute(batch)
        except DBAPIError as error:
            if attempt == _ATTEMPTS or sqlstate(error) not in _WORTH_ANOTHER_ATTEMPT:
                raise
        else:
            return
