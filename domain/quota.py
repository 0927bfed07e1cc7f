"""Quotas: how many requests a team or a key may make in a day and in a month, by UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple


class QuotaPeriods(NamedTuple):
    """The day and the month that a moment lies in. Both end where the next one begins."""

    day: date
    month: date

    @classmethod
    def at(cls, moment: datetime) -> QuotaPeriods:
        """Give the periods of an aware moment."""
        day = moment.astimezone(UTC).date()
        return cls(day, day.replace(day=1))

    @property
    def next_day(self) -> date:
        """The day after."""
        return self.day + timedelta(days=1)

    @property
    def next_month(self) -> date:
        """The first day of the month after."""
        # Day 28 is in every month, and four days after it lies in the next one.
        return (self.month.replace(day=28) + timedelta(days=4)).replace(day=1)


class Used(NamedTuple):
    """Successful requests so far, in a day and in the month around it."""

    daily: int = 0
    monthly: int = 0


class QuotaLimits(NamedTuple):
    """How many requests are allowed; None for any number."""

    daily: int | None = None
    monthly: int | None = None


@dataclass(frozen=True, slots=True)
class QuotaWindow:
    """A quota and what was used of it. `limit` is None where there is none."""

    limit: int | None
    used: int
    resets_at: datetime

    @property
    def remaining(self) -> int | None:
        """What may still be used; None without a limit."""
        return None if self.limit is None else max(self.limit - self.used, 0)


@dataclass(frozen=True, slots=True)
class QuotaStatus:
    """Both windows of a team, or of a key."""

    daily: QuotaWindow
    monthly: QuotaWindow


def quota_status(limits: QuotaLimits, used: Used, periods: QuotaPeriods) -> QuotaStatus:
    """Give the state of a quota. A negative limit, which only a row older than its bound can hold, allows nothing."""
    return QuotaStatus(
        daily=_window(limits.daily, used.daily, periods.next_day),
        monthly=_window(limits.monthly, used.monthly, periods.next_month),
    )


def quota_status_of_key(limits: QuotaLimits, used: Used, team: QuotaStatus, periods: QuotaPeriods) -> QuotaStatus:
    """Give the quota that holds for a key: in each window its own where it has one, else what it shares with its team.

    `limits` are the key's own, and `used` is what this key used; only that counts against them.
    """
    own = quota_status(limits, used, periods)
    return QuotaStatus(
        daily=team.daily if limits.daily is None else own.daily,
        monthly=team.monthly if limits.monthly is None else own.monthly,
    )


def _window(limit: int | None, used: int, ends: date) -> QuotaWindow:
    return QuotaWindow(None if limit is None else max(limit, 0), used, datetime.combine(ends, time(), UTC))
