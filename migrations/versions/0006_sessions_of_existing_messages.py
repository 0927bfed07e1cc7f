"""Sessions of existing messages."""

from __future__ import annotations

from alembic import op

revision = "ba6c7b9515b4"
down_revision = "76fa77fd3e26"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give each platform, team and user with messages the session that they are messages of.

    The identifier is the one that usage logs hold. Whatever opened a session in the meantime is right about it.
    """
    op.execute(
        """
        INSERT INTO chat_sessions
            (session_id, platform, team_id, api_key_id, user_id, created_at, last_activity_at)
        SELECT
            md5(convert_to(concat_ws(':', platform, team_id, user_id), 'UTF8')),
            platform,
            team_id,
            (array_agg(api_key_id ORDER BY id) FILTER (WHERE api_key_id IS NOT NULL))[1],
            user_id,
            min(created_at) AT TIME ZONE 'UTC',
            max(created_at) AT TIME ZONE 'UTC'
        FROM messages
        GROUP BY platform, team_id, user_id
        ON CONFLICT (platform, team_id, user_id) DO NOTHING
        """
    )


def downgrade() -> None:
    """Leave the sessions: the revision below drops their table."""
