"""The table of API keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import AWARE, NAIVE_UTC, UTC_NOW, Base, IntegerId


class ApiKey(Base):
    """A key of a team. The key itself is not stored, only its digest, which no read gives.

    After a rotation the digest of the secret before goes on working until `previous_secret_expires_at`.
    """

    __tablename__ = "api_keys"

    id: Mapped[IntegerId]
    key_hash: Mapped[str] = mapped_column(String(64))
    key_prefix: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(255))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    monthly_quota: Mapped[int | None]
    daily_quota: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_by: Mapped[str | None] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(NAIVE_UTC, server_default=UTC_NOW)
    last_used_at: Mapped[datetime | None] = mapped_column(NAIVE_UTC)
    expires_at: Mapped[datetime | None] = mapped_column(NAIVE_UTC)
    previous_key_hash: Mapped[str | None] = mapped_column(String(64))
    previous_secret_expires_at: Mapped[datetime | None] = mapped_column(AWARE)

    __table_args__ = (
        Index("ix_api_keys_key_hash", "key_hash", unique=True),
        Index("ix_api_keys_previous_key_hash", "previous_key_hash", unique=True),
        Index("ix_api_keys_team_id_created_at_id", "team_id", "created_at", "id"),
    )
