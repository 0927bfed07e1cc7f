"""Trail of changes to teams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "33b7a0518b63"
down_revision = "ba6c7b9515b4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, without a foreign key: the trail outlives the team."""
    op.create_table(
        "team_revisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.String(255), nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("snapshot", postgresql.JSONB(), nullable=False),
        sa.Column("changed_fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("team_revisions_pkey")),
        sa.UniqueConstraint("team_id", "revision", name=op.f("uq_team_revisions_team_id_revision")),
    )


def downgrade() -> None:
    """Drop the trail."""
    op.drop_table("team_revisions")
