"""Index of a session's messages."""

from __future__ import annotations

from migrations.operations import create_index_concurrently, drop_index_concurrently

revision = "3053ce88527b"
down_revision = "864ed3d2e38e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find the messages of a session in their order; ids begin at 1, so 0 stands for no team."""
    create_index_concurrently("ix_messages_session", "messages (platform, user_id, coalesce(team_id, 0), id)")


def downgrade() -> None:
    """Drop the index."""
    drop_index_concurrently("ix_messages_session")
