"""Revision number of teams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "eead146b901c"
down_revision = "feb0660268aa"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Begin at one: every existing team is at its first revision."""
    op.add_column(
        "teams",
        sa.Column(
            "revision",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Grows by one with each change to the team or its overrides",
        ),
    )


def downgrade() -> None:
    """Forget the revision numbers."""
    op.drop_column("teams", "revision")
