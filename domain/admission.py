"""Admission: may a session make a request now, and if not, why."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.config.merge import EffectiveConfig
    from domain.quota import QuotaStatus
    from domain.rate_limit import RateWindow


class AdmissionReason(enum.Enum):
    """Why a request is not admitted."""

    TEAM_INACTIVE = "TEAM_INACTIVE"
    KEY_EXPIRED = "KEY_EXPIRED"
    DAILY_QUOTA = "DAILY_QUOTA"
    MONTHLY_QUOTA = "MONTHLY_QUOTA"
    MODEL_NOT_AVAILABLE = "MODEL_NOT_AVAILABLE"
    RATE_LIMIT = "RATE_LIMIT"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in force. `reason` says which: one of the quotas or the rate limit."""

    reason: AdmissionReason
    limit: int
    used: int
    remaining: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Admission:
    """The verdict. `binding` is the limit that is, or would first be, in the way."""

    reasons: tuple[AdmissionReason, ...]
    binding: Limit

    @property
    def allowed(self) -> bool:
        """Whether the request is admitted."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that a request is judged by. Without a model it is for the one in use, which is always available."""

    team_is_active: bool
    key_works: bool
    config: EffectiveConfig
    model: str | None
    quota: QuotaStatus
    rate: RateWindow

    def verdict(self) -> Admission:
        """Judge the request, with every reason against it."""
        limits = tuple(_limits(self.quota, self.rate))
        against = {
            AdmissionReason.TEAM_INACTIVE: not self.team_is_active,
            AdmissionReason.KEY_EXPIRED: not self.key_works,
            AdmissionReason.MODEL_NOT_AVAILABLE: self.model is not None
            and self.model not in self.config.available_models,
            **{limit.reason: limit.remaining == 0 for limit in limits},
        }
        return Admission(tuple(reason for reason in AdmissionReason if against.get(reason)), _binding(limits))

    def admit(self) -> tuple[Admission, RateWindow]:
        """Judge the request and, if nothing speaks against it, take one from the rate limit.

        Gives the verdict, whose binding limit counts this request too, and the window as it is then.
        """
        verdict = self.verdict()
        if not verdict.allowed:
            return verdict, self.rate
        taken = self.rate.with_one_more()
        return Admission((), _binding(tuple(_limits(self.quota, taken)))), taken


def _binding(limits: tuple[Limit, ...]) -> Limit:
    """Choose the limit of which the least remains; of several alike, the one that resets last."""
    return min(limits, key=lambda limit: (limit.remaining, -limit.resets_at.timestamp()))


def _limits(quota: QuotaStatus, rate: RateWindow) -> Iterator[Limit]:
    for reason, window in (
        (AdmissionReason.DAILY_QUOTA, quota.daily),
        (AdmissionReason.MONTHLY_QUOTA, quota.monthly),
    ):
        if window.limit is not None and window.remaining is not None:
            yield Limit(reason, window.limit, window.used, window.remaining, window.resets_at)
    yield Limit(AdmissionReason.RATE_LIMIT, rate.limit, rate.used, rate.remaining, rate.resets_at)
