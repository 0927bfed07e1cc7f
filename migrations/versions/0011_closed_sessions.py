"""Sessions that are over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1f0c6a27be94"
down_revision = "523f3e87d584"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a session be closed; none is yet."""
    op.add_column("chat_sessions", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Forget which sessions were closed."""
    op.drop_column("chat_sessions", "closed_at")
