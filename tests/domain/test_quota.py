"""Quotas: the windows of a moment, what remains in them, and which limits hold for a key."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quota import QuotaLimits, QuotaPeriods, QuotaStatus, Used, quota_status, quota_status_of_key

# A window has to be able to end: the last year's last month has nothing after it.
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 11, 29), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is drawn beside it
stored_limits = st.none() | st.integers(-(2**31), 2**31 - 1)
# Totals may be absurd, since other programs write them too.
counts = st.integers(-10, 2**40)
limits = st.builds(QuotaLimits, stored_limits, stored_limits)
used = st.builds(Used, counts, counts)


@given(moments)
def test_a_moment_lies_in_its_day_and_in_its_month(moment: datetime) -> None:
    periods = QuotaPeriods.at(moment)
    status = quota_status(QuotaLimits(), Used(), periods)
    day, month = (
        datetime.combine(periods.day, datetime.min.time(), UTC),
        datetime(moment.year, moment.month, 1, tzinfo=UTC),
    )
    assert day <= moment < status.daily.resets_at == day + timedelta(days=1)
    assert periods.month == month.date()
    assert month <= moment < status.monthly.resets_at


@given(moments)
def test_a_window_is_over_at_the_moment_at_which_it_resets_and_not_before(moment: datetime) -> None:
    periods = QuotaPeriods.at(moment)
    status = quota_status(QuotaLimits(), Used(), periods)
    last = timedelta(microseconds=1)
    assert QuotaPeriods.at(status.daily.resets_at - last).day == periods.day
    assert QuotaPeriods.at(status.daily.resets_at).day == periods.next_day
    assert QuotaPeriods.at(status.monthly.resets_at - last).month == periods.month
    assert QuotaPeriods.at(status.monthly.resets_at).month == periods.next_month


@pytest.mark.parametrize(
    ("moment", "day_after", "month_after"),
    [
        ("2024-02-28T23:59:59.999999+00:00", date(2024, 2, 29), date(2024, 3, 1)),
        ("2024-02-29T00:00:00+00:00", date(2024, 3, 1), date(2024, 3, 1)),
        ("2023-02-28T12:00:00+00:00", date(2023, 3, 1), date(2023, 3, 1)),
        ("2100-02-28T12:00:00+00:00", date(2100, 3, 1), date(2100, 3, 1)),
        ("2024-04-30T12:00:00+00:00", date(2024, 5, 1), date(2024, 5, 1)),
        ("2024-01-31T12:00:00+00:00", date(2024, 2, 1), date(2024, 2, 1)),
        ("2024-12-31T23:59:59+00:00", date(2025, 1, 1), date(2025, 1, 1)),
        ("2024-12-01T00:00:00+00:00", date(2024, 12, 2), date(2025, 1, 1)),
        # The day in London counts, whatever the day is where the moment was written down.
        ("2025-01-01T01:30:00+02:00", date(2025, 1, 1), date(2025, 1, 1)),
        ("2024-12-31T22:30:00-02:00", date(2025, 1, 2), date(2025, 2, 1)),
    ],
)
def test_windows_end_with_the_utc_day_and_month(moment: str, day_after: date, month_after: date) -> None:
    periods = QuotaPeriods.at(datetime.fromisoformat(moment))
    assert (periods.next_day, periods.next_month) == (day_after, month_after)


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_the_zone_in_which_a_moment_is_written_changes_nothing(moment: datetime, minutes: int) -> None:
    assert QuotaPeriods.at(moment.astimezone(timezone(timedelta(minutes=minutes)))) == QuotaPeriods.at(moment)


@given(limits, used, moments)
def test_what_remains_is_never_negative_and_never_more_than_the_limit_leaves(
    limits: QuotaLimits, used: Used, moment: datetime
) -> None:
    status = quota_status(limits, used, QuotaPeriods.at(moment))
    for stored, count, window in zip(limits, used, (status.daily, status.monthly), strict=True):
        assert window.used == count
        if stored is None:
            assert (window.limit, window.remaining) == (None, None)
        else:
            assert window.limit == max(stored, 0)
            assert window.remaining == max(0, window.limit - count)
            assert (window.remaining == 0) is (count >= window.limit)


def test_a_negative_limit_of_old_allows_nothing() -> None:
    status = quota_status(QuotaLimits(-1, -(2**31)), Used(), QuotaPeriods.at(datetime(2024, 1, 1, tzinfo=UTC)))
    for window in (status.daily, status.monthly):
        assert (window.limit, window.remaining) == (0, 0)


@given(limits, used, limits, used, moments)
def test_a_key_is_held_to_its_own_quota_in_each_window_in_which_it_has_one(
    own: QuotaLimits, by_key: Used, of_team: QuotaLimits, by_team: Used, moment: datetime
) -> None:
    periods = QuotaPeriods.at(moment)
    team, alone = quota_status(of_team, by_team, periods), quota_status(own, by_key, periods)
    status = quota_status_of_key(own, by_key, team, periods)
    assert status.daily == (team.daily if own.daily is None else alone.daily)
    assert status.monthly == (team.monthly if own.monthly is None else alone.monthly)
    assert quota_status_of_key(QuotaLimits(), by_key, team, periods) == team


def test_a_keys_quota_of_nothing_is_a_quota_and_not_its_teams() -> None:
    periods = QuotaPeriods.at(datetime(2024, 1, 1, tzinfo=UTC))
    team: QuotaStatus = quota_status(QuotaLimits(10, 10), Used(), periods)
    status = quota_status_of_key(QuotaLimits(0, None), Used(), team, periods)
    assert (status.daily.remaining, status.monthly.remaining) == (0, 10)
