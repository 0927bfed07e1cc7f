"""The period of a summary of usage: whole days, by UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

DAYS_DEFAULT = 30
DAYS_MAXIMUM = 366


class UsagePeriod(NamedTuple):
    """The first day, and the day after the last."""

    first: date
    end: date

    @property
    def days(self) -> list[date]:
        """Every day of the period, in order."""
        return [self.first + timedelta(days=number) for number in range((self.end - self.first).days)]


def usage_period(begin: datetime | None, end: datetime | None, now: datetime) -> UsagePeriod:
    """Give the whole days that hold the moments from `begin` to before `end`.

    Without an end it is today, included; without a beginning, 30 days. All moments are aware.

    Raises:
        ValueError: the period is empty, longer than 366 days, or reaches beyond the calendar.
    """
    try:
        end_day = _day_after(now) if end is None else _first_midnight_from(end)
        first = end_day - timedelta(days=DAYS_DEFAULT) if begin is None else begin.astimezone(UTC).date()
    except OverflowError:
        raise ValueError("`from` and `to` have to lie within the years 1 to 9999.") from None
    # Two moments of one day out of order would else pass for the day that holds both.
    if first >= end_day or (begin is not None and end is not None and begin >= end):
        ends = "`to`" if end is not None else "the end of today, which is `to` where it is left out"
        raise ValueError(f"`from` has to lie before {ends}.")
    if (end_day - first).days > DAYS_MAXIMUM:
        raise ValueError(
            f"`from` and `to` may be at most {DAYS_MAXIMUM} days apart, and `to` is the end of today where it is left "
            "out; ask for the rest separately."
        )
    return UsagePeriod(first, end_day)


def midnight(day: date) -> datetime:
    """Give the moment at which a day begins."""
    return datetime.combine(day, time(), UTC)


def _first_midnight_from(moment: datetime) -> date:
    day = moment.astimezone(UTC).date()
    return day if midnight(day) == moment else _day_after(moment)


def _day_after(moment: datetime) -> date:
    return moment.astimezone(UTC).date() + timedelta(days=1)
