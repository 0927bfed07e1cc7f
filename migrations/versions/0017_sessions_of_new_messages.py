"""Sessions of new messages."""

from __future__ import annotations

from alembic import op

from migrations import backfill
from migrations.operations import pin_search_path

revision = "c9d24e8a617f"
down_revision = "a6810fd24c7b"
branch_labels = None
depends_on = None

_OPERATIONS = ("INSERT", "UPDATE")


def upgrade() -> None:
    """Let every message have its session, whoever writes it, from now on.

    Who writes messages may know nothing of sessions, and may have no right to write them.
    """
    op.execute(
        """
        CREATE FUNCTION platform_config_note_conversation(
            of_platform text, of_team integer, of_user text, with_key integer, began timestamptz, went_on timestamptz
        ) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            known record;
        BEGIN
            -- "IS NOT DISTINCT FROM" would use no index.
            IF of_team IS NULL THEN
                SELECT id, last_activity_at INTO known FROM chat_sessions
                WHERE platform = of_platform AND team_id IS NULL AND user_id = of_user;
            ELSE
                SELECT id, last_activity_at INTO known FROM chat_sessions
                WHERE platform = of_platform AND team_id = of_team AND user_id = of_user;
            END IF;
            IF NOT FOUND THEN
                INSERT INTO chat_sessions
                    (session_id, platform, team_id, api_key_id, user_id, created_at, last_activity_at)
                VALUES (
                    md5(convert_to(concat_ws(':', of_platform, of_team, of_user), 'UTF8')),
                    of_platform, of_team, with_key, of_user, began, went_on
                )
                -- Somebody else may be about to make it.
                ON CONFLICT (platform, team_id, user_id) DO NOTHING;
            ELSIF known.last_activity_at < went_on - interval '1 second' THEN
                -- Whoever holds the row is active in the session, and a message waits for nobody.
                UPDATE chat_sessions SET last_activity_at = went_on WHERE id = (
                    SELECT id FROM chat_sessions WHERE id = known.id AND last_activity_at < went_on
                    FOR NO KEY UPDATE SKIP LOCKED
                );
            END IF;
        END
        $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION platform_config_note_messages() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        DECLARE
            talk record;
        BEGIN
            FOR talk IN
                SELECT platform, team_id, user_id,
                    (array_agg(api_key_id ORDER BY id) FILTER (WHERE api_key_id IS NOT NULL))[1] AS api_key_id,
                    least(min(created_at) AT TIME ZONE 'UTC', clock_timestamp()) AS began,
                    least(max(created_at) AT TIME ZONE 'UTC', clock_timestamp()) AS went_on
                FROM written GROUP BY platform, team_id, user_id ORDER BY platform, team_id, user_id
            LOOP
                IF current_setting('transaction_isolation') = 'read committed' THEN
                    PERFORM platform_config_note_conversation(
                        talk.platform, talk.team_id, talk.user_id, talk.api_key_id, talk.began, talk.went_on
                    );
                ELSE
                    BEGIN
                        PERFORM platform_config_note_conversation(
                            talk.platform, talk.team_id, talk.user_id, talk.api_key_id, talk.began, talk.went_on
                        );
                    EXCEPTION WHEN serialization_failure THEN
                        -- Somebody made or moved on the session since the snapshot was taken: there is nothing to add.
                        NULL;
                    END;
                END IF;
            END LOOP;
            RETURN NULL;
        END
        $$
        """
    )
    pin_search_path("platform_config_note_messages()")
    for operation in _OPERATIONS:
        op.execute(
            f"CREATE TRIGGER platform_config_note_messages_{operation.lower()} AFTER {operation} ON messages"
            " REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION platform_config_note_messages()"
        )
    backfill.create_state()
    backfill.begin("messages")


def downgrade() -> None:
    """Leave it to those who write messages to open their sessions."""
    backfill.drop_state()
    for operation in _OPERATIONS:
        op.execute(f"DROP TRIGGER platform_config_note_messages_{operation.lower()} ON messages")
    op.execute("DROP FUNCTION platform_config_note_messages()")
    op.execute(
        "DROP FUNCTION platform_config_note_conversation(text, integer, text, integer, timestamptz, timestamptz)"
    )
