"""The trail: what each team was after every change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Identity, String, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import AWARE, Base


class TeamRevision(Base):
    """One change of a team, written in the change's own transaction.

    The team is named without a foreign key: the trail outlives the team.
    """

    __tablename__ = "team_revisions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    team_id: Mapped[int]
    revision: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(AWARE, server_default=func.now())
    changed_by: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(50))
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_fields: Mapped[list[str]] = mapped_column(ARRAY(Text))

    __table_args__ = (UniqueConstraint("team_id", "revision"),)
