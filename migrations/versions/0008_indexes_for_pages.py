"""Indexes for pages of teams and keys."""

from __future__ import annotations

from migrations.operations import create_index_concurrently, drop_index_concurrently

revision = "864ed3d2e38e"
down_revision = "33b7a0518b63"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_teams_created_at_id": "teams (created_at, id)",
    "ix_teams_updated_at_id": "teams (updated_at, id)",
    "ix_api_keys_team_id_created_at_id": "api_keys (team_id, created_at, id)",
}


def upgrade() -> None:
    """Let pages be read in their order; these tables are small, so doing all over after an interruption is cheap."""
    for name, definition in _INDEXES.items():
        create_index_concurrently(name, definition)


def downgrade() -> None:
    """Drop the indexes."""
    for name in _INDEXES:
        drop_index_concurrently(name)
