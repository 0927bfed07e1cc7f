"""Table of rate limits in use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "8c5be1d4907a"
down_revision = "1f0c6a27be94"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, unlogged: what a crash takes away was good for a minute only."""
    op.create_table(
        "admission_windows",
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("admitted_at", sa.ARRAY(sa.DateTime(timezone=True)), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("admission_windows_pkey")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["chat_sessions.id"], name=op.f("admission_windows_session_id_fkey"), ondelete="CASCADE"
        ),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("admission_windows")
