"""What several revisions do in the same way. Only ever make it stricter: revisions that have run rely on it."""

from __future__ import annotations

from typing import Final

from alembic import op

from migrations.locking import LOCK_TIMEOUT

CONCURRENT_LOCK_TIMEOUT: Final = "1min"
"""How long a concurrent index may wait for others.

Nobody who reads or writes rows waits behind it, and it has to outlast every transaction that was open when it began.
"""


SCHEMA: Final = "schema_of_this_service"
"""What the body of an owner's function says for the schema that is current when the function is made."""


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


def keep_triggers_to_the_owner(*tables: str) -> None:
    """Let nobody but its owner make triggers on a table of ours, or refer to it from a table of theirs.

    What writes to these tables with the rights of their owner, such as the functions below, lends them to every trigger
    that it fires. Default privileges may have granted both; the right to read and write rows stays with whoever has it.
    """
    for table in tables:
        op.execute(
            f"""
            DO $$ DECLARE
                made regclass := pg_catalog.format('%I.%I', pg_catalog.current_schema(), '{table}');
                somebody record;
            BEGIN
                FOR somebody IN
                    SELECT DISTINCT CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS name
                    FROM pg_catalog.pg_class, pg_catalog.aclexplode(relacl)
                    WHERE pg_class.oid = made AND grantee <> relowner AND privilege_type IN ('TRIGGER', 'REFERENCES')
                LOOP
                    EXECUTE pg_catalog.format(
                        'REVOKE TRIGGER, REFERENCES ON %s FROM %s CASCADE', made, somebody.name
                    );
                END LOOP;
                IF EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = made AND NOT tgisinternal) THEN
                    RAISE '% has a trigger that somebody else made: drop it', made;
                END IF;
            END $$
            """  # noqa: S608 - SQL of our own
        )


def create_owners_function(name: str, body: str, *, replace: bool = False) -> None:
    """Make a trigger function that acts with the rights of its owner, whoever writes to the table.

    What a caller may have put in the way is not found: only PostgreSQL's own schema is searched, where names are
    neither tables nor functions of ours, so `body` says SCHEMA before each of these. Only the owner may execute the
    function: whoever else could, would make it the trigger of a table of theirs, with rows and types of their choice. A
    trigger that is there fires for everybody all the same.

    `replace` takes the place of a function of ours. Without it one that somebody else made under the name is in the way
    rather than changed, as its owner would stay its owner.
    """
    create = "CREATE OR REPLACE" if replace else "CREATE"
    op.execute(
        f"""
        DO $$ DECLARE
            made regprocedure;
            somebody record;
        BEGIN
            EXECUTE pg_catalog.format(
                '{create} FUNCTION %I.{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER'
                ' SET search_path = pg_catalog, pg_temp AS %L',
                pg_catalog.current_schema(),
                pg_catalog.replace(
                    $body${body}$body$, '{SCHEMA}', pg_catalog.quote_ident(pg_catalog.current_schema())
                )
            );
            made := pg_catalog.format('%I.{name}()', pg_catalog.current_schema());
            EXECUTE pg_catalog.format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', made);
            -- The default privileges of a schema may name others.
            FOR somebody IN
                SELECT DISTINCT grantee::regrole AS name FROM pg_catalog.pg_proc, pg_catalog.aclexplode(proacl)
                WHERE pg_proc.oid = made AND grantee NOT IN (0, proowner)
            LOOP
                EXECUTE pg_catalog.format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', made, somebody.name);
            END LOOP;
        END $$
        """  # noqa: S608 - SQL of our own
    )
