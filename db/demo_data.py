"""What demo data is made of: rows to be added that refer to each other by name, since none has an id yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from domain.api_key import NewApiKey
    from domain.team import NewTeam


@dataclass(frozen=True, slots=True)
class DemoApiKey:
    """A key to be added."""

    key: NewApiKey
    name: str
    description: str | None
    monthly_quota: int | None
    is_active: bool
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """A message to be added."""

    role: str
    content: str
    created_at: datetime
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True)
class DemoSession:
    """A session to be added. `api_key` is a position among the team's keys; the messages are made as they are read."""

    user_id: str
    api_key: int | None
    chosen_model: str | None
    created_at: datetime
    last_activity_at: datetime
    messages: Iterable[DemoMessage]


@dataclass(frozen=True, slots=True)
class DemoUsage:
    """A usage log to be added. `api_key` is a position among the team's keys."""

    user_id: str
    api_key: int
    model: str
    request_count: int
    tokens: int | None
    cost: float | None
    response_time_ms: int
    error_message: str | None
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class DemoVisitor:
    """A session to be added on a platform that has no team."""

    platform: str
    session: DemoSession


@dataclass(frozen=True, slots=True)
class DemoTeam:
    """A team to be added, with all that belongs to it, and a visitor who comes with it."""

    new: NewTeam
    is_active: bool
    created_at: datetime
    api_keys: Sequence[DemoApiKey]
    sessions: Sequence[DemoSession]
    usage: Iterable[DemoUsage]
    visitor: DemoVisitor | None
