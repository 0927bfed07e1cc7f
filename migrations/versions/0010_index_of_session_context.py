"""Index of a session's context."""

from __future__ import annotations

from migrations.operations import create_index_concurrently, drop_index_concurrently

revision = "523f3e87d584"
down_revision = "3053ce88527b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find the context of a session however many of its messages were cleared."""
    # Messages are many, so each of their indexes has a revision of its own: none is built again for the other's sake.
    create_index_concurrently(
        "ix_messages_context", "messages (platform, user_id, coalesce(team_id, 0), id) WHERE cleared_at IS NULL"
    )


def downgrade() -> None:
    """Drop the index."""
    drop_index_concurrently("ix_messages_context")
