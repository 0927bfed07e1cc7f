"""What may be asked for when an API key is issued."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from domain.api_key_request import ApiKeyRequest, api_key_request
from domain.errors import InputProblemCode, InvalidInput

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def ask(**asked: Any) -> ApiKeyRequest:
    return api_key_request(
        **{
            "name": "bot",
            "description": None,
            "monthly_quota": None,
            "daily_quota": None,
            "expires_at": None,
            "now": NOW,
            **asked,
        }
    )


def test_a_request_is_cleaned_and_otherwise_kept() -> None:
    later = NOW + timedelta(microseconds=1)
    request = ask(name=" bot\n", description=" a\n\tb ", monthly_quota=0, daily_quota=2**31 - 1, expires_at=later)
    assert request == ApiKeyRequest("bot", " a\n\tb ", 0, 2**31 - 1, later)


def test_everything_wrong_with_a_request_is_reported_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(name=" ", description="a\x00", monthly_quota=-1, daily_quota=2**31, expires_at=NOW)
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        (("name",), InputProblemCode.TOO_SHORT),
        (("description",), InputProblemCode.MALFORMED),
        (("monthlyQuota",), InputProblemCode.TOO_SMALL),
        (("dailyQuota",), InputProblemCode.TOO_LARGE),
        (("expiresAt",), InputProblemCode.TOO_SMALL),
    ]


def test_a_description_has_at_most_10000_characters() -> None:
    assert ask(description="d" * 10_000).description == "d" * 10_000
    with pytest.raises(InvalidInput) as refused:
        ask(description="d" * 10_001)
    assert [problem.code for problem in refused.value.problems] == [InputProblemCode.TOO_LONG]


def test_expiry_is_compared_as_a_moment_whatever_its_zone() -> None:
    zone = timezone(timedelta(hours=2))
    ask(expires_at=datetime(2030, 1, 1, 14, 1, tzinfo=zone))
    with pytest.raises(InvalidInput):
        ask(expires_at=datetime(2030, 1, 1, 13, 59, tzinfo=zone))
