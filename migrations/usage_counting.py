"""The SQL that counts usage. Revisions that have run rely on it: who counts otherwise writes a module of their own.

Totals are what was there when counting began plus every change since. The triggers add the changes, and never look at
what has been summed so far. The back-fill adds what was there at the beginning: what is there now, less the changes
since, which the triggers write down for as long as it lasts. It reads both in one statement and so as of one moment,
and neither it nor any writer waits for the other.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from migrations.backfill import STATE
from migrations.operations import SCHEMA, create_owners_function, keep_triggers_to_the_owner

CHANGES: Final = "platform_config_older_usage"
"""The table of what was added to, or taken from, older usage logs since counting began."""

SLOTS: Final = 64
"""How many writers at a time share rows of the totals with those before and after them."""

OLDER_USAGE_SLOT: Final = -1
"""The slot of the back-fill, which no writer takes."""

SLOT_LOCKS: Final = 0x536C6F74
"""The first half of the key of the advisory lock that a slot is taken by: "Slot" in ASCII."""

_KEYS: Final = ("team_id", "day", "api_key_id", "model", "platform")
_SUMS: Final = {
    "requests": "bigint",
    "successes": "bigint",
    "tokens": "bigint",
    "estimated_cost": "numeric",
    "response_ms": "bigint",
    "responses": "bigint",
}
_COLUMNS: Final = ", ".join((*_KEYS, *_SUMS))


def create_functions(*, writing_down_changes: bool, replace: bool = False) -> None:
    """Make the functions that the triggers of `usage_logs` run, or `replace` those there are.

    `writing_down_changes` keeps what happens to older logs for the back-fill, and needs its tables.
    """
    create_owners_function(
        "platform_config_add_usage",
        f"""
        DECLARE
            free_slot bigint;
        BEGIN
            -- The rows of a slot are its holder's alone: no writer waits for another, or fails because of one.
            IF current_setting('transaction_isolation') = 'read committed' THEN
                FOR candidate IN 0..{SLOTS - 1} LOOP
                    IF pg_try_advisory_xact_lock({SLOT_LOCKS}, candidate) THEN
                        free_slot := candidate;
                        EXIT;
                    END IF;
                END LOOP;
            END IF;
            -- A snapshot that lasts for a transaction may be older than what the last holder of a slot wrote, and a row
            -- that changed since cannot be changed again. What this very process wrote before is in every snapshot.
            free_slot := coalesce(free_slot, {SLOTS} + pg_backend_pid());
            IF TG_OP = 'INSERT' THEN
                {_add(_counted("written"), writing_down_changes)};
            ELSIF TG_OP = 'DELETE' THEN
                {_add(_counted("replaced", sign="-"), writing_down_changes)};
            ELSE
                {_add(_counted("replaced", sign="-") + " UNION ALL " + _counted("written"), writing_down_changes)};
            END IF;
            RETURN NULL;
        END
        """,
        replace=replace,
    )
    create_owners_function(
        "platform_config_empty_usage_totals",
        f"""
        BEGIN
            -- A statement that truncates the totals as well has done so, and would not let it be done again.
            IF pg_relation_size(format('%I.usage_totals', TG_TABLE_SCHEMA)::regclass) > 0 THEN
                TRUNCATE {SCHEMA}.usage_totals;
            END IF;
            {_NOTHING_OLDER_LEFT if writing_down_changes else ""}
            RETURN NULL;
        END
        """,
        replace=replace,
    )


def create_table_of_changes() -> None:
    """Make the table of what happens to older logs until they are summed."""
    op.create_table(
        CHANGES,
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("successes", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("estimated_cost", sa.Numeric(), nullable=False),
        sa.Column("response_ms", sa.BigInteger(), nullable=False),
        sa.Column("responses", sa.BigInteger(), nullable=False),
    )
    keep_triggers_to_the_owner(CHANGES)
    # Nothing is in the table yet.
    op.execute(f"-- squawk-ignore require-concurrent-index-creation\nCREATE INDEX ix_{CHANGES}_id ON {CHANGES} (id)")


def sum_of_older_usage() -> str:
    """Give the statement that adds the logs above `state.done` and up to `upper` as they were when counting began."""
    batch = "WHERE id > state.done AND id <= upper"
    taken_back = ", ".join(f"-{name}" for name in _SUMS)
    return f"""
        INSERT INTO usage_totals AS total ({_COLUMNS}, slot)
        {_sums(str(OLDER_USAGE_SLOT))}
        FROM (
            {_counted("usage_logs")} {batch}
            UNION ALL
            SELECT id, {", ".join(_KEYS)}, {taken_back} FROM {CHANGES} {batch}
        ) AS logs
        {_GROUPED}
        {_ADDED}
    """  # noqa: S608 - SQL of our own


_NOTHING_OLDER_LEFT: Final = f"""
            TRUNCATE {SCHEMA}.{CHANGES};
            UPDATE {SCHEMA}.{STATE} SET done = boundary WHERE name = 'usage_logs';
"""  # noqa: S608 - SQL of our own

_GROUPED: Final = f"""
        GROUP BY {", ".join(_KEYS)}
        HAVING ({", ".join(f"sum({name})" for name in _SUMS)}) <> ({", ".join("0" for _ in _SUMS)})
        ORDER BY {", ".join(_KEYS)}
"""

_ADDED: Final = f"""
        ON CONFLICT ({", ".join(_KEYS)}, slot) DO UPDATE SET
            {", ".join(f"{name} = total.{name} + excluded.{name}" for name in _SUMS)}
"""


def _counted(source: str, sign: str = "") -> str:
    """Select what each log of `source` counts for; a cost that is no number, or no finite one, counts for nothing."""
    return f"""
        SELECT
            id,
            coalesce(team_id, 0) AS team_id,
            timestamp::date AS day,
            coalesce(api_key_id, 0) AS api_key_id,
            coalesce(model_used, '') AS model,
            CASE WHEN team_id IS NULL THEN platform ELSE '' END AS platform,
            {sign}request_count::bigint AS requests,
            {sign}(CASE WHEN success THEN request_count ELSE 0 END)::bigint AS successes,
            {sign}coalesce(tokens_used, 0)::bigint AS tokens,
            {sign}(CASE WHEN abs(estimated_cost) < 'Infinity' THEN round(estimated_cost::numeric, 12) ELSE 0 END)
                AS estimated_cost,
            {sign}coalesce(response_time_ms, 0)::bigint AS response_ms,
            {sign}(CASE WHEN response_time_ms IS NULL THEN 0 ELSE 1 END)::bigint AS responses
        FROM {source}
    """  # noqa: S608 - SQL of our own


def _add(changes: str, writing_down_changes: bool) -> str:  # noqa: FBT001 - private, and named like that where it is given
    written_down = f""",
        written_down AS (
            INSERT INTO {SCHEMA}.{CHANGES} (id, {_COLUMNS})
            SELECT id, {_COLUMNS} FROM changes
            -- A snapshot that is older than the boundary does not show it; too much in the table does no harm.
            WHERE id <= (
                SELECT coalesce(max(boundary), {2**63 - 1}) FROM {SCHEMA}.{STATE} WHERE name = 'usage_logs'
            )
        )"""  # noqa: S608 - SQL of our own
    return f"""
        WITH changes AS MATERIALIZED ({changes}){written_down if writing_down_changes else ""}
        INSERT INTO {SCHEMA}.usage_totals AS total ({_COLUMNS}, slot)
        {_sums("free_slot")} FROM changes
        {_GROUPED}
        {_ADDED}
    """


def _sums(slot: str) -> str:
    sums = ", ".join(f"sum({name})::{kind}" for name, kind in _SUMS.items())
    return f"SELECT {', '.join(_KEYS)}, {sums}, {slot}"
