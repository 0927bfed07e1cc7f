"""The table of teams with their overrides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import NAIVE_UTC, UTC_NOW, Base, IntegerId
from db.types import StoredJson


class Team(Base):
    """A team: one integration of the platform.

    A setting's column is null where the team does not override it. What such a column holds may break the bounds: rows
    older than the constraints stay readable, and the merger judges them.
    """

    __tablename__ = "teams"

    id: Mapped[IntegerId]
    display_name: Mapped[str] = mapped_column(String(255))
    platform_name: Mapped[str] = mapped_column(String(255))
    monthly_quota: Mapped[int | None]
    daily_quota: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(NAIVE_UTC, server_default=UTC_NOW)
    updated_at: Mapped[datetime] = mapped_column(NAIVE_UTC, server_default=UTC_NOW)
    platform_type: Mapped[str] = mapped_column(
        String(50),
        server_default=text("'private'"),
        comment="public or private; decides the defaults that the team inherits",
    )
    rate_limit: Mapped[int | None] = mapped_column(
        comment="Override: requests per minute for each user; null inherits the platform default"
    )
    max_history: Mapped[int | None] = mapped_column(
        comment="Override: messages of context that a session keeps; null inherits the platform default"
    )
    default_model: Mapped[str | None] = mapped_column(
        String(255), comment="Override: model that a new session starts with; null inherits the platform default"
    )
    # Whatever JSON the column holds is read; the merger judges it.
    available_models: Mapped[Any | None] = mapped_column(
        StoredJson(),
        comment="Override: list of the models that sessions may use; null inherits the platform default",
    )
    allow_model_switch: Mapped[bool | None] = mapped_column(
        comment="Override: whether users may change the model of a session; null inherits the platform default"
    )
    revision: Mapped[int] = mapped_column(
        server_default=text("1"), comment="Grows by one with each change to the team or its overrides"
    )

    __table_args__ = (
        Index("ix_teams_display_name", "display_name", unique=True),
        Index("ix_teams_platform_name", "platform_name", unique=True),
        Index("ix_teams_platform_type", "platform_type"),
        Index("ix_teams_created_at_id", "created_at", "id"),
        Index("ix_teams_updated_at_id", "updated_at", "id"),
        CheckConstraint("platform_type IN ('public', 'private')", name="platform_type"),
        CheckConstraint("rate_limit BETWEEN 1 AND 1000", name="rate_limit"),
        CheckConstraint("max_history BETWEEN 1 AND 100", name="max_history"),
        CheckConstraint("char_length(default_model) >= 1", name="default_model"),
        CheckConstraint(
            "CASE WHEN json_typeof(available_models) = 'array' "
            "THEN json_array_length(available_models) BETWEEN 1 AND 100 ELSE available_models IS NULL END",
            name="available_models",
        ),
        CheckConstraint("revision >= 1", name="revision"),
    )
