"""The table of usage logs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import NAIVE_UTC, UTC_NOW, Base, IntegerId


class UsageLog(Base):
    """One or more requests to a model. A session without a team has neither team nor key to name."""

    __tablename__ = "usage_logs"

    id: Mapped[IntegerId]
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    session_id: Mapped[str] = mapped_column(String(64), index=True)
    platform: Mapped[str] = mapped_column(String(50))
    model_used: Mapped[str | None] = mapped_column(String(255))
    request_count: Mapped[int] = mapped_column(server_default=text("1"))
    tokens_used: Mapped[int | None]
    estimated_cost: Mapped[float | None]
    success: Mapped[bool] = mapped_column(server_default=text("true"))
    response_time_ms: Mapped[int | None]
    error_message: Mapped[str | None] = mapped_column(Text)
    timestamp: Mapped[datetime] = mapped_column(NAIVE_UTC, server_default=UTC_NOW, index=True)
