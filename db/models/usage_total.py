"""The table of usage totals, which the database keeps by itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class UsageTotal(Base):
    """What the usage logs of a day add up to, for a team, a key and a model.

    Triggers on `usage_logs` keep the totals exact whoever writes a log; nothing else writes here. What one day used is
    spread over the rows of several slots: writers that are at work at the same time take different slots, so that none
    waits for another. Their sum counts; a single row may even be negative.

    No team and no key are 0, no model is empty. `platform` is empty but for logs without a team.
    """

    __tablename__ = "usage_totals"

    team_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    model: Mapped[str] = mapped_column(String(255), primary_key=True)
    platform: Mapped[str] = mapped_column(String(50), primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    requests: Mapped[int] = mapped_column(BigInteger)
    successes: Mapped[int] = mapped_column(BigInteger)
    tokens: Mapped[int] = mapped_column(BigInteger)
    estimated_cost: Mapped[Decimal] = mapped_column(Numeric)
    response_ms: Mapped[int] = mapped_column(BigInteger)
    responses: Mapped[int] = mapped_column(BigInteger)
