"""The four tables of the earlier service as they were at its revision 71521c6321dc. This never changes.

The first revision makes them from here, and a database that the earlier service made is compared with it. Keys and
constraints bear the names that PostgreSQL gives by itself, as they do where that service made the tables.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

EARLIER_SCHEMA: Final = sa.MetaData(
    naming_convention={"pk": "%(table_name)s_pkey", "fk": "%(table_name)s_%(column_0_name)s_fkey"}
)
"""Tables, columns, keys and indexes; in the order of `sorted_tables` each refers only to tables before it."""

# Timestamps are UTC without a zone, whatever the zone of the connection.
_NOW: Final = sa.text("timezone('utc', now())")
_TRUE: Final = sa.text("true")
_ONE: Final = sa.text("1")

_TEAMS = sa.Table(
    "teams",
    EARLIER_SCHEMA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("display_name", sa.String(255), nullable=False),
    sa.Column("platform_name", sa.String(255), nullable=False),
    sa.Column("monthly_quota", sa.Integer(), nullable=True),
    sa.Column("daily_quota", sa.Integer(), nullable=True),
    sa.Column("is_active", sa.Boolean(), server_default=_TRUE, nullable=False),
    sa.Column("created_at", sa.DateTime(), server_default=_NOW, nullable=False),
    sa.Column("updated_at", sa.DateTime(), server_default=_NOW, nullable=False),
)
sa.Index("ix_teams_display_name", _TEAMS.c.display_name, unique=True)
sa.Index("ix_teams_platform_name", _TEAMS.c.platform_name, unique=True)

_API_KEYS = sa.Table(
    "api_keys",
    EARLIER_SCHEMA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("key_hash", sa.String(64), nullable=False),
    sa.Column("key_prefix", sa.String(16), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("team_id", sa.Integer(), sa.ForeignKey("teams.id"), nullable=False),
    sa.Column("monthly_quota", sa.Integer(), nullable=True),
    sa.Column("daily_quota", sa.Integer(), nullable=True),
    sa.Column("is_active", sa.Boolean(), server_default=_TRUE, nullable=False),
    sa.Column("created_by", sa.String(255), nullable=True),
    sa.Column("description", sa.Text(), nullable=True),
    sa.Column("created_at", sa.DateTime(), server_default=_NOW, nullable=False),
    sa.Column("last_used_at", sa.DateTime(), nullable=True),
    sa.Column("expires_at", sa.DateTime(), nullable=True),
)
sa.Index("ix_api_keys_key_hash", _API_KEYS.c.key_hash, unique=True)
sa.Index("ix_api_keys_team_id", _API_KEYS.c.team_id)

_USAGE_LOGS = sa.Table(
    "usage_logs",
    EARLIER_SCHEMA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("api_key_id", sa.Integer(), sa.ForeignKey("api_keys.id"), nullable=False),
    sa.Column("team_id", sa.Integer(), sa.ForeignKey("teams.id"), nullable=False),
    sa.Column("session_id", sa.String(64), nullable=False),
    sa.Column("platform", sa.String(50), nullable=False),
    sa.Column("model_used", sa.String(255), nullable=True),
    sa.Column("request_count", sa.Integer(), server_default=_ONE, nullable=False),
    sa.Column("tokens_used", sa.Integer(), nullable=True),
    sa.Column("estimated_cost", sa.Double(), nullable=True),
    sa.Column("success", sa.Boolean(), server_default=_TRUE, nullable=False),
    sa.Column("response_time_ms", sa.Integer(), nullable=True),
    sa.Column("error_message", sa.Text(), nullable=True),
    sa.Column("timestamp", sa.DateTime(), server_default=_NOW, nullable=False),
)
for _column in ("api_key_id", "team_id", "session_id", "timestamp"):
    sa.Index(f"ix_usage_logs_{_column}", _USAGE_LOGS.c[_column])

_MESSAGES = sa.Table(
    "messages",
    EARLIER_SCHEMA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("team_id", sa.Integer(), sa.ForeignKey("teams.id"), nullable=True),
    sa.Column("api_key_id", sa.Integer(), sa.ForeignKey("api_keys.id"), nullable=True),
    sa.Column("platform", sa.String(50), nullable=False),
    sa.Column("user_id", sa.String(255), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("content", sa.Text(), nullable=False),
    sa.Column("cleared_at", sa.DateTime(), nullable=True),
    sa.Column("created_at", sa.DateTime(), server_default=_NOW, nullable=False),
)
for _column in ("team_id", "api_key_id", "platform", "user_id", "created_at"):
    sa.Index(f"ix_messages_{_column}", _MESSAGES.c[_column])
