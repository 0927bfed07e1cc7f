"""Table of sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "76fa77fd3e26"
down_revision = "6e400597f7f1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; its foreign keys hold up writers of teams and keys, so it is filled by a later revision."""
    op.create_table(
        "chat_sessions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("platform", sa.String(255), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("api_key_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.String(255), nullable=False),
        sa.Column("chosen_model", sa.String(255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("chat_sessions_pkey")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("chat_sessions_team_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("chat_sessions_api_key_id_fkey"), ondelete="SET NULL"
        ),
        # Sessions without a team are one per user as well.
        sa.UniqueConstraint(
            "platform",
            "team_id",
            "user_id",
            name=op.f("uq_chat_sessions_platform_team_id_user_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_chat_sessions_session_id", "chat_sessions", ["session_id"])
    op.create_index("ix_chat_sessions_api_key_id", "chat_sessions", ["api_key_id"])
    op.create_index(
        "ix_chat_sessions_team_id_last_activity_at_id", "chat_sessions", ["team_id", "last_activity_at", "id"]
    )
    op.create_index("ix_chat_sessions_last_activity_at_id", "chat_sessions", ["last_activity_at", "id"])
    op.create_index("ix_chat_sessions_user_id", "chat_sessions", ["user_id"])


def downgrade() -> None:
    """Drop the table; the messages it was made from are untouched."""
    op.drop_table("chat_sessions")
