"""The verdict on a request: every reason against it, and the limit that is in the way first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from domain.admission import AdmissionReason, Circumstances
from domain.config.merge import merge
from domain.config.overrides import NO_OVERRIDES
from domain.quota import QuotaLimits, QuotaPeriods, Used, quota_status
from domain.rate_limit import WINDOW, RateWindow
from tests.domain.config.strategies import defaults, names

if TYPE_CHECKING:
    from domain.config.defaults import PlatformDefaults

NOW = datetime(2030, 1, 31, 23, 59, 30, tzinfo=UTC)
QUOTAS = {AdmissionReason.DAILY_QUOTA: "daily", AdmissionReason.MONTHLY_QUOTA: "monthly"}

small = st.integers(0, 3)
ages = st.lists(st.timedeltas(timedelta(0), WINDOW).map(lambda age: NOW - age), max_size=4)


@st.composite
def circumstances(draw: st.DrawFn) -> Circumstances:
    """Draw circumstances in which any of the reasons, none and all of them are likely."""
    config = merge(draw(defaults()), NO_OVERRIDES)
    limits = QuotaLimits(draw(st.none() | small), draw(st.none() | small))
    return Circumstances(
        team_is_active=draw(st.booleans()),
        key_works=draw(st.booleans()),
        config=config,
        model=draw(st.none() | names | st.sampled_from(config.available_models)),
        quota=quota_status(limits, Used(draw(small), draw(small)), QuotaPeriods.at(NOW)),
        rate=RateWindow.at(NOW, draw(ages), limit=draw(st.integers(1, 4))),
    )


def expected_reasons(given: Circumstances) -> list[AdmissionReason]:
    against = {
        AdmissionReason.TEAM_INACTIVE: not given.team_is_active,
        AdmissionReason.KEY_EXPIRED: not given.key_works,
        AdmissionReason.DAILY_QUOTA: given.quota.daily.remaining == 0,
        AdmissionReason.MONTHLY_QUOTA: given.quota.monthly.remaining == 0,
        AdmissionReason.MODEL_NOT_AVAILABLE: given.model not in (None, *given.config.available_models),
        AdmissionReason.RATE_LIMIT: given.rate.used >= given.rate.limit,
    }
    return [reason for reason in AdmissionReason if against[reason]]


@given(circumstances())
def test_a_request_is_allowed_exactly_where_nothing_speaks_against_it(given: Circumstances) -> None:
    verdict = given.verdict()
    assert list(verdict.reasons) == expected_reasons(given)
    assert verdict.allowed is (verdict.reasons == ())


@given(circumstances())
def test_the_binding_limit_is_the_one_with_the_least_remaining(given: Circumstances) -> None:
    """Of several alike, the one that resets last: before that, nothing helps."""
    windows: dict[AdmissionReason, Any] = {
        reason: getattr(given.quota, name)
        for reason, name in QUOTAS.items()
        if getattr(given.quota, name).limit is not None
    } | {AdmissionReason.RATE_LIMIT: given.rate}
    binding = given.verdict().binding
    chosen = windows[binding.reason]
    assert (binding.limit, binding.used, binding.remaining, binding.resets_at) == (
        chosen.limit,
        chosen.used,
        chosen.remaining,
        chosen.resets_at,
    )
    for window in windows.values():
        assert (binding.remaining, -binding.resets_at.timestamp()) <= (window.remaining, -window.resets_at.timestamp())


@given(circumstances())
def test_only_an_admitted_request_takes_something_from_the_rate_limit(given: Circumstances) -> None:
    verdict, window = given.admit()
    assert verdict.reasons == given.verdict().reasons
    if verdict.allowed:
        assert window.used == given.rate.used + 1
        if verdict.binding.reason is AdmissionReason.RATE_LIMIT:
            assert verdict.binding.used == window.used
    else:
        assert window == given.rate
        assert verdict == given.verdict()


@given(defaults())
def test_without_a_quota_the_rate_limit_is_the_binding_limit(defaults: PlatformDefaults) -> None:
    config = merge(defaults, NO_OVERRIDES)
    rate = RateWindow.at(NOW, (), limit=5)
    unlimited = quota_status(QuotaLimits(), Used(10, 20), QuotaPeriods.at(NOW))
    verdict = Circumstances(
        team_is_active=True, key_works=True, config=config, model=None, quota=unlimited, rate=rate
    ).verdict()
    assert verdict.allowed
    assert (verdict.binding.reason, verdict.binding.remaining) == (AdmissionReason.RATE_LIMIT, 5)
