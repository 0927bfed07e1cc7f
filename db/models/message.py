"""The table of messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import NAIVE_UTC, UTC_NOW, Base, IntegerId


class Message(Base):
    """A message of a conversation. It names its session by platform, team and user, as it did before sessions had rows.

    Messages of a session are ordered by id.
    """

    __tablename__ = "messages"

    id: Mapped[IntegerId]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"), index=True)
    platform: Mapped[str] = mapped_column(String(50), index=True)
    user_id: Mapped[str] = mapped_column(String(255), index=True)
    role: Mapped[str] = mapped_column(String(20))
    content: Mapped[str] = mapped_column(Text)
    cleared_at: Mapped[datetime | None] = mapped_column(NAIVE_UTC)
    created_at: Mapped[datetime] = mapped_column(NAIVE_UTC, server_default=UTC_NOW, index=True)


# "IS NOT DISTINCT FROM" uses no index; ids begin at 1, so 0 can stand for "no team".
Index("ix_messages_session", Message.platform, Message.user_id, func.coalesce(Message.team_id, 0), Message.id)
# The context of a session, however many of its messages were cleared.
Index(
    "ix_messages_context",
    Message.platform,
    Message.user_id,
    func.coalesce(Message.team_id, 0),
    Message.id,
    postgresql_where=Message.cleared_at.is_(None),
)
