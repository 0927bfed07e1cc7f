"""Sessions of new messages."""

from __future__ import annotations

from alembic import op

from migrations import backfill
from migrations.operations import SCHEMA, create_owners_function, keep_triggers_to_the_owner

revision = "c9d24e8a617f"
down_revision = "a6810fd24c7b"
branch_labels = None
depends_on = None

_OPERATIONS = ("INSERT", "UPDATE")
_NOTE_CONVERSATION = f"""
                    -- "IS NOT DISTINCT FROM" would use no index.
                    IF talk.team_id IS NULL THEN
                        SELECT id, last_activity_at INTO known FROM {SCHEMA}.chat_sessions
                        WHERE platform = talk.platform AND team_id IS NULL AND user_id = talk.user_id;
                    ELSE
                        SELECT id, last_activity_at INTO known FROM {SCHEMA}.chat_sessions
                        WHERE platform = talk.platform AND team_id = talk.team_id AND user_id = talk.user_id;
                    END IF;
                    IF NOT FOUND THEN
                        INSERT INTO {SCHEMA}.chat_sessions
                            (session_id, platform, team_id, api_key_id, user_id, created_at, last_activity_at)
                        VALUES (
                            md5(convert_to(concat_ws(':', talk.platform, talk.team_id, talk.user_id), 'UTF8')),
                            talk.platform, talk.team_id,
                            -- A message may name a key of another team, and history one that was revoked: neither could
                            -- ever serve the session.
                            (
                                SELECT id FROM {SCHEMA}.api_keys
                                WHERE id = talk.api_key_id AND team_id = talk.team_id AND is_active
                                    AND (expires_at > timezone('utc', now()) OR expires_at IS NULL)
                            ),
                            talk.user_id, talk.began, talk.went_on
                        )
                        -- Somebody else may be about to make it.
                        ON CONFLICT (platform, team_id, user_id) DO NOTHING;
                    ELSIF known.last_activity_at < talk.went_on - interval '1 second' THEN
                        -- Whoever holds the row is active in the session, and a message waits for nobody.
                        UPDATE {SCHEMA}.chat_sessions SET last_activity_at = talk.went_on WHERE id = (
                            SELECT id FROM {SCHEMA}.chat_sessions
                            WHERE id = known.id AND last_activity_at < talk.went_on
                            FOR NO KEY UPDATE SKIP LOCKED
                        );
                    END IF;
"""  # noqa: S608 - SQL of our own
_NOTE_MESSAGES = f"""
        DECLARE
            talk record;
            known record;
        BEGIN
            FOR talk IN
                SELECT platform, team_id, user_id,
                    (array_agg(api_key_id ORDER BY id DESC) FILTER (WHERE api_key_id IS NOT NULL))[1] AS api_key_id,
                    least(min(created_at) AT TIME ZONE 'UTC', clock_timestamp()) AS began,
                    least(max(created_at) AT TIME ZONE 'UTC', clock_timestamp()) AS went_on
                FROM written GROUP BY platform, team_id, user_id ORDER BY platform, team_id, user_id
            LOOP
                IF current_setting('transaction_isolation') = 'read committed' THEN
                    {_NOTE_CONVERSATION}
                ELSE
                    BEGIN
                        {_NOTE_CONVERSATION}
                    EXCEPTION WHEN serialization_failure THEN
                        -- Somebody made or moved on the session since the snapshot was taken: there is nothing to add.
                        NULL;
                    END;
                END IF;
            END LOOP;
            RETURN NULL;
        END
"""  # noqa: S608 - SQL of our own


def upgrade() -> None:
    """Let every message have its session, whoever writes it, from now on.

    Who writes messages may know nothing of sessions, and may have no right to write them.
    """
    keep_triggers_to_the_owner(
        "chat_sessions", "team_revisions", "admission_windows", "platform_config_alembic_version"
    )
    create_owners_function("platform_config_note_messages", _NOTE_MESSAGES)
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
