"""The table of sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import AWARE, Base


class ChatSession(Base):
    """A conversation of a user on a platform, within a team where the platform has one.

    `session_id` is an identifier that usage logs hold (see domain.session_identity), found by index and not unique: the
    triple is what makes a session one. `chosen_model` is null until a user switches. `closed_at` says since when a
    session is over; opening it again makes it null.
    """

    __tablename__ = "chat_sessions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(32), index=True)
    platform: Mapped[str] = mapped_column(String(255))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id", ondelete="SET NULL"), index=True)
    user_id: Mapped[str] = mapped_column(String(255))
    chosen_model: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(AWARE, server_default=func.now())
    last_activity_at: Mapped[datetime] = mapped_column(AWARE, server_default=func.now())
    closed_at: Mapped[datetime | None] = mapped_column(AWARE)

    __table_args__ = (
        UniqueConstraint("platform", "team_id", "user_id", postgresql_nulls_not_distinct=True),
        Index("ix_chat_sessions_team_id_last_activity_at_id", "team_id", "last_activity_at", "id"),
        Index("ix_chat_sessions_last_activity_at_id", "last_activity_at", "id"),
        Index("ix_chat_sessions_user_id", "user_id"),
    )
