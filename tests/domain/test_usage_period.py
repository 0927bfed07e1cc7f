"""The period of a summary: whole UTC days that hold the moments asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.usage_period import DAYS_DEFAULT, DAYS_MAXIMUM, UsagePeriod, midnight, usage_period

NOW = datetime(2024, 3, 1, 12, 30, tzinfo=UTC)
TICK = timedelta(microseconds=1)

moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is drawn beside it
lengths = st.timedeltas(TICK, timedelta(days=DAYS_MAXIMUM + 2))


@given(moments, lengths)
def test_a_period_is_the_fewest_whole_days_that_hold_all_that_was_asked_for(begin: datetime, length: timedelta) -> None:
    end = begin + length
    first, last = begin.date(), (end - TICK).date()
    assume((last - first).days < DAYS_MAXIMUM)
    period = usage_period(begin, end, NOW)
    assert period == UsagePeriod(first, last + timedelta(days=1))
    assert midnight(period.first) <= begin
    assert midnight(period.end) >= end


@given(moments, lengths)
def test_the_days_of_a_period_are_without_gaps_and_at_most_366(begin: datetime, length: timedelta) -> None:
    end = begin + length
    if ((end - TICK).date() - begin.date()).days >= DAYS_MAXIMUM:
        with pytest.raises(ValueError, match="at most 366 days"):
            usage_period(begin, end, NOW)
        return
    period = usage_period(begin, end, NOW)
    assert period.days == [period.first + timedelta(days=n) for n in range(len(period.days))]
    assert 1 <= len(period.days) <= DAYS_MAXIMUM
    assert period.days[-1] + timedelta(days=1) == period.end


@given(moments, st.timedeltas(timedelta(0), timedelta(days=300)))
def test_a_period_that_ends_where_it_begins_or_before_is_none(end: datetime, length: timedelta) -> None:
    """Also within one day, of which something could be shown: whoever asks for it has mixed the two up."""
    assume(end - datetime(1, 1, 1, tzinfo=UTC) > length)
    with pytest.raises(ValueError, match="before"):
        usage_period(end, end - length, NOW)
    with pytest.raises(ValueError, match="before"):
        usage_period(end + length, end, NOW)


@given(moments)
def test_without_arguments_it_is_the_last_thirty_days_with_today(now: datetime) -> None:
    period = usage_period(None, None, now)
    assert (period.days[-1], len(period.days)) == (now.date(), DAYS_DEFAULT)


@pytest.mark.parametrize(
    ("begin", "end", "period"),
    [
        (None, datetime(2024, 3, 1, tzinfo=UTC), (date(2024, 1, 31), date(2024, 3, 1))),
        (None, datetime(2024, 3, 1, tzinfo=UTC) + TICK, (date(2024, 2, 1), date(2024, 3, 2))),
        (NOW, None, (date(2024, 3, 1), date(2024, 3, 2))),
        (datetime(2024, 2, 28, 23, 59, tzinfo=UTC), None, (date(2024, 2, 28), date(2024, 3, 2))),
        # The zone decides about the day in which a moment lies.
        (
            datetime(2024, 1, 1, 1, tzinfo=timezone(timedelta(hours=2))),
            datetime(2024, 1, 1, 23, tzinfo=timezone(timedelta(hours=-2))),
            (date(2023, 12, 31), date(2024, 1, 3)),
        ),
        # A leap year is as long as a period may be.
        (datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), (date(2024, 1, 1), date(2025, 1, 1))),
    ],
)
def test_a_missing_end_is_today_and_a_missing_beginning_thirty_days_before(
    begin: datetime | None, end: datetime | None, period: tuple[date, date]
) -> None:
    assert usage_period(begin, end, NOW) == UsagePeriod(*period)


@pytest.mark.parametrize(
    ("begin", "end", "fact"),
    [
        (NOW + timedelta(days=1), None, "before"),
        (NOW - timedelta(days=DAYS_MAXIMUM), None, "at most 366 days"),
        (None, datetime(1, 1, 15, tzinfo=UTC), "years 1 to 9999"),
        (None, datetime(9999, 12, 31, 1, tzinfo=UTC), "years 1 to 9999"),
        (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), "at most 366 days"),
    ],
)
def test_what_cannot_be_summed_up_is_refused(begin: datetime | None, end: datetime | None, fact: str) -> None:
    with pytest.raises(ValueError, match=fact):
        usage_period(begin, end, NOW)
