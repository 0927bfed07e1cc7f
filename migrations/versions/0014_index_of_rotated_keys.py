"""Index of the secrets that rotated keys had before."""

from __future__ import annotations

from migrations.operations import create_index_concurrently, drop_index_concurrently

revision = "b95a3e6f1c08"
down_revision = "e42d07c93b5f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find a key by the secret before as fast as by the one it has."""
    create_index_concurrently("ix_api_keys_previous_key_hash", "api_keys (previous_key_hash)", unique=True)


def downgrade() -> None:
    """Drop the index."""
    drop_index_concurrently("ix_api_keys_previous_key_hash")
