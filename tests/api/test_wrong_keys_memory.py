"""What is remembered of wrong keys: for how long, by which address, and of how many."""

from __future__ import annotations

import pytest

from graphql_api import wrong_keys
from graphql_api.wrong_keys import TooManyWrongKeys, WrongKeys


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def allowed(wrong: WrongKeys, address: str) -> int:
    """How many wrong keys are looked at until one is not, and how long that says to wait."""
    count = 0
    while True:
        try:
            wrong.require_patience(address)
        except TooManyWrongKeys:
            return count
        wrong.note(address)
        count += 1


def test_time_gives_back_what_wrong_keys_took() -> None:
    clock = Clock()
    wrong = WrongKeys(30, clock)
    assert allowed(wrong, "192.0.2.1") == 30
    with pytest.raises(TooManyWrongKeys) as refused:
        wrong.require_patience("192.0.2.1")
    assert refused.value.retry_after == 2
    clock.now += 2
    assert allowed(wrong, "192.0.2.1") == 1
    clock.now += 10
    assert allowed(wrong, "192.0.2.1") == 5
    clock.now += 1_000_000
    assert allowed(wrong, "192.0.2.1") == 30


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "nonsense", True),
    ],
)
def test_addresses_of_one_network_count_as_one(one: str, other: str, *, same: bool) -> None:
    wrong = WrongKeys(3, Clock())
    assert allowed(wrong, one) == 3
    assert allowed(wrong, other) == (0 if same else 3)


def test_the_memory_of_addresses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has many addresses may have the oldest of them forgotten, and not the memory of the process."""
    monkeypatch.setattr(wrong_keys, "ADDRESSES_MAXIMUM", 100)
    wrong = WrongKeys(3, Clock())
    for number in range(1000):
        allowed(wrong, f"10.0.{number // 250}.{number % 250}")
    assert len(wrong._buckets) == 100  # noqa: SLF001 - its size is the subject
    assert allowed(wrong, "10.0.3.249") == 0
    assert allowed(wrong, "10.0.0.0") == 3
