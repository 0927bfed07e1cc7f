"""The table of rate limits in use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ARRAY, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import AWARE, Base


class AdmissionWindow(Base):
    """When the requests of a session were admitted within the last minute, the oldest first.

    The table is not logged: a crash of PostgreSQL empties it, which costs a minute's limits and spares each request
    its share of the write-ahead log.
    """

    __tablename__ = "admission_windows"

    session_id: Mapped[int] = mapped_column(ForeignKey("chat_sessions.id", ondelete="CASCADE"), primary_key=True)
    admitted_at: Mapped[list[datetime]] = mapped_column(ARRAY(AWARE))

    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy's way to say it
