"""Owners of sessions with older messages."""

from __future__ import annotations

from migrations import backfill

revision = "b20f6d8e41c3"
down_revision = "5b8e1f70d3a9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let each session that no key owns belong to the key that its newest message was written with.

    Keys had no rotation: whoever replaced one began to write with a new one and revoked the old. So the newest key is
    the one in use, if it works and is of the session's team. Otherwise the first key that opens the session will own
    it, which is no worse than for a session without messages. Who owned a session before, owns it still.
    """
    backfill.begin("chat_sessions")
    backfill.in_batches(
        "chat_sessions",
        """
        UPDATE chat_sessions AS session SET api_key_id = owner.api_key_id
        FROM (
            SELECT ownerless.id, key.id AS api_key_id
            FROM chat_sessions AS ownerless
            CROSS JOIN LATERAL (
                SELECT message.api_key_id FROM messages AS message
                WHERE message.platform = ownerless.platform AND message.user_id = ownerless.user_id
                    AND coalesce(message.team_id, 0) = ownerless.team_id AND message.api_key_id IS NOT NULL
                ORDER BY message.id DESC LIMIT 1
            ) AS newest
            JOIN api_keys AS key ON key.id = newest.api_key_id AND key.team_id = ownerless.team_id
            WHERE ownerless.id > state.done AND ownerless.id <= upper AND ownerless.api_key_id IS NULL
                AND key.is_active AND (key.expires_at > timezone('utc', now()) OR key.expires_at IS NULL)
        ) AS owner
        WHERE session.id = owner.id AND session.api_key_id IS NULL
        """,
        rows=1_000,
        activity="Finding the owners of sessions with older messages",
    )


def downgrade() -> None:
    """Leave the sessions to their owners, and be ready to look for others' again."""
    backfill.forget("chat_sessions")
