"""Existing schema: the four tables of the earlier service.

Keys and constraints bear the names that PostgreSQL gives by itself, as they do where that service made the tables.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "71521c6321dc"
down_revision = None
branch_labels = None
depends_on = None

# Timestamps are UTC without a zone, whatever the zone of the connection.
_NOW = sa.text("timezone('utc', now())")


def upgrade() -> None:
    """Make the tables, where no earlier service has made them."""
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.String(255), nullable=False),
        sa.Column("platform_name", sa.String(255), nullable=False),
        sa.Column("monthly_quota", sa.Integer(), nullable=True),
        sa.Column("daily_quota", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(), server_default=_NOW, nullable=False),
        sa.Column("updated_at", sa.DateTime(), server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("teams_pkey")),
    )
    op.create_index("ix_teams_display_name", "teams", ["display_name"], unique=True)
    op.create_index("ix_teams_platform_name", "teams", ["platform_name"], unique=True)

    op.create_table(
        "api_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("key_prefix", sa.String(16), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("monthly_quota", sa.Integer(), nullable=True),
        sa.Column("daily_quota", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_by", sa.String(255), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=_NOW, nullable=False),
        sa.Column("last_used_at", sa.DateTime(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("api_keys_pkey")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("api_keys_team_id_fkey")),
    )
    op.create_index("ix_api_keys_key_hash", "api_keys", ["key_hash"], unique=True)
    op.create_index("ix_api_keys_team_id", "api_keys", ["team_id"])

    op.create_table(
        "usage_logs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("platform", sa.String(50), nullable=False),
        sa.Column("model_used", sa.String(255), nullable=True),
        sa.Column("request_count", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("tokens_used", sa.Integer(), nullable=True),
        sa.Column("estimated_cost", sa.Float(), nullable=True),
        sa.Column("success", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("response_time_ms", sa.Integer(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("timestamp", sa.DateTime(), server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("usage_logs_pkey")),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_keys.id"], name=op.f("usage_logs_api_key_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("usage_logs_team_id_fkey")),
    )
    for column in ("api_key_id", "team_id", "session_id", "timestamp"):
        op.create_index(f"ix_usage_logs_{column}", "usage_logs", [column])

    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("api_key_id", sa.Integer(), nullable=True),
        sa.Column("platform", sa.String(50), nullable=False),
        sa.Column("user_id", sa.String(255), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("messages_pkey")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("messages_team_id_fkey")),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_keys.id"], name=op.f("messages_api_key_id_fkey")),
    )
    for column in ("team_id", "api_key_id", "platform", "user_id", "created_at"):
        op.create_index(f"ix_messages_{column}", "messages", [column])


def downgrade() -> None:
    """Refuse: the tables belong to the earlier service too, and their rows with them."""
    raise RuntimeError("the tables of the earlier service are not dropped; drop the database instead")
