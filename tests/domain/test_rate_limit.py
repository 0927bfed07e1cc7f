"""The rate limit: never more than the limit within any minute, and a place is free as soon as it may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rate_limit import WINDOW, RateWindow

START = datetime(2030, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)

# Steps at which windows begin and end, and any others.
steps = st.sampled_from([timedelta(0), TICK, WINDOW - TICK, WINDOW, WINDOW + TICK, timedelta(seconds=20)]) | (
    st.timedeltas(timedelta(0), timedelta(seconds=90))
)
few = st.integers(1, 5)
around = st.lists(st.timedeltas(-3 * WINDOW, 3 * WINDOW).map(lambda distance: START + distance), max_size=20)


def within_a_minute_up_to(moment: datetime, moments: list[datetime]) -> int:
    return sum(1 for other in moments if moment - WINDOW < other <= moment)


def fullest_minute(moments: list[datetime]) -> int:
    """Count the most that lie within any half-open minute: one of those that end just after one of them."""
    return max((within_a_minute_up_to(moment, moments) for moment in moments), default=0)


@given(st.lists(steps, max_size=40), few)
def test_no_minute_holds_more_than_the_limit_and_none_is_refused_without_need(
    steps: list[timedelta], limit: int
) -> None:
    """Wherever a minute begins. A refusal is right only while the minute before it is full."""
    now, admitted, stored = START, list[datetime](), tuple[datetime, ...]()
    for step in steps:
        now += step
        window = RateWindow.at(now, stored, limit=limit)
        before = within_a_minute_up_to(now, admitted)
        assert window.remaining == limit - before
        if window.remaining:
            stored = window.with_one_more().admitted
            admitted.append(now)
    assert fullest_minute(admitted) <= limit


@given(st.lists(st.tuples(steps, few), max_size=40))
def test_a_limit_that_changes_holds_from_the_next_request_on(changes: list[tuple[timedelta, int]]) -> None:
    now, admitted, stored = START, list[datetime](), tuple[datetime, ...]()
    for step, limit in changes:
        now += step
        window = RateWindow.at(now, stored, limit=limit)
        assert window.remaining >= 0
        if window.remaining:
            stored = window.with_one_more().admitted
            admitted.append(now)
            assert within_a_minute_up_to(now, admitted) <= limit


@given(st.lists(st.tuples(steps, st.booleans()), max_size=40), few)
def test_a_clock_that_is_set_back_admits_no_more(changes: list[tuple[timedelta, bool]], limit: int) -> None:
    """By true time, as long as it is not set back by more than a minute altogether."""
    true, behind = START, timedelta(0)
    admitted, stored = list[datetime](), tuple[datetime, ...]()
    for step, is_set_back in changes:
        if is_set_back:
            behind = min(behind + step, WINDOW)
        else:
            true += step
        window = RateWindow.at(true - behind, stored, limit=limit)
        if window.remaining:
            stored = window.with_one_more().admitted
            admitted.append(true)
    assert fullest_minute(admitted) <= limit


@given(around, few)
def test_a_place_becomes_free_exactly_when_it_is_said_to(stored: list[datetime], limit: int) -> None:
    window = RateWindow.at(START, stored, limit=limit)
    then = RateWindow.at(window.resets_at, window.admitted, limit=limit)
    if not window.admitted:
        assert window.resets_at == START
        return
    just_before = RateWindow.at(window.resets_at - TICK, window.admitted, limit=limit)
    assert window.resets_at > START
    assert then.remaining > just_before.remaining
    assert just_before.remaining == window.remaining


@given(around, few)
def test_what_was_admitted_is_kept_in_order_and_no_longer_than_it_counts(stored: list[datetime], limit: int) -> None:
    """So that a row never grows beyond a minute's requests, in whatever order it was written."""
    window = RateWindow.at(START, stored, limit=limit)
    assert list(window.admitted) == sorted(m for m in stored if START - WINDOW < m <= START + WINDOW)
    if window.remaining:
        taken = window.with_one_more()
        assert list(taken.admitted) == sorted([*window.admitted, START])
        assert (taken.used, taken.remaining) == (window.used + 1, window.remaining - 1)


def test_a_request_counts_for_one_minute_to_the_microsecond() -> None:
    for age, counts in ((timedelta(0), 1), (WINDOW - TICK, 1), (WINDOW, 0), (WINDOW + TICK, 0)):
        assert RateWindow.at(START + age, [START], limit=1).used == counts, age


def test_a_clock_that_was_very_wrong_locks_nobody_out() -> None:
    for ahead, counts in ((WINDOW, 1), (WINDOW + TICK, 0), (timedelta(days=400), 0)):
        assert RateWindow.at(START, [START + ahead], limit=1).used == counts, ahead


def test_a_limit_lowered_below_what_is_used_leaves_nothing_until_enough_have_left() -> None:
    stored = [START + timedelta(seconds=second) for second in range(5)]
    window = RateWindow.at(START + timedelta(seconds=10), stored, limit=2)
    assert (window.used, window.remaining) == (5, 0)
    assert window.resets_at == START + timedelta(seconds=3) + WINDOW


def test_nothing_is_taken_from_an_exhausted_window() -> None:
    with pytest.raises(ValueError, match="exhausted"):
        RateWindow.at(START, [START], limit=1).with_one_more()
