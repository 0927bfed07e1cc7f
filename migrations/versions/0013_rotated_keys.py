"""Keys that were rotated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "e42d07c93b5f"
down_revision = "8c5be1d4907a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the secret that a key had before its rotation work for a while."""
    op.add_column("api_keys", sa.Column("previous_key_hash", sa.String(64), nullable=True))
    op.add_column("api_keys", sa.Column("previous_secret_expires_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Forget the secrets before; their index goes with the column."""
    op.drop_column("api_keys", "previous_secret_expires_at")
    op.drop_column("api_keys", "previous_key_hash")
