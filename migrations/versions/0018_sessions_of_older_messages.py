"""Sessions of older messages."""

from __future__ import annotations

from migrations import backfill

revision = "5b8e1f70d3a9"
down_revision = "c9d24e8a617f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give each platform, team and user with messages the session that they are messages of.

    The identifier is the one that usage logs hold. What a session knows already it keeps: older messages only move its
    beginning back. Who owns it is for the next revision to say. Doing a batch again changes nothing.
    """
    backfill.in_batches(
        "messages",
        """
        INSERT INTO chat_sessions AS known
            (session_id, platform, team_id, user_id, created_at, last_activity_at)
        SELECT
            md5(convert_to(concat_ws(':', platform, team_id, user_id), 'UTF8')),
            platform,
            team_id,
            user_id,
            least(min(created_at) AT TIME ZONE 'UTC', clock_timestamp()),
            least(max(created_at) AT TIME ZONE 'UTC', clock_timestamp())
        FROM messages
        WHERE id > state.done AND id <= upper
        GROUP BY platform, team_id, user_id
        ORDER BY platform, team_id, user_id
        ON CONFLICT (platform, team_id, user_id) DO UPDATE SET
            created_at = least(known.created_at, excluded.created_at),
            last_activity_at = greatest(known.last_activity_at, excluded.last_activity_at)
        WHERE excluded.created_at < known.created_at
            OR excluded.last_activity_at > known.last_activity_at
        """,
        rows=10_000,
        activity="Making the sessions of older messages",
    )


def downgrade() -> None:
    """Leave the sessions: their users have them."""
