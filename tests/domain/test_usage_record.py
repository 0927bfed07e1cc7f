"""What may be recorded of a request: bounds, and that a model's name is left as it is."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import InputProblemCode, InvalidInput
from domain.usage_record import UsageRecord, require_usage_record

LEAST: dict[str, Any] = {
    "model": "m",
    "success": True,
    "tokens_used": None,
    "estimated_cost": None,
    "response_time_ms": None,
    "error_message": None,
}


def problems(**given: Any) -> list[tuple[tuple[str, ...], InputProblemCode]]:
    """Give path and code of each problem of a record; none where it may be stored."""
    try:
        require_usage_record(UsageRecord(**LEAST | given))
    except InvalidInput as refused:
        return [(problem.path, problem.code) for problem in refused.problems]
    return []


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"model": "m" * 255},
        {"model": " Gpt-4 "},
        {"error_message": "Traceback:\r\n\tat line 1\u202e"},
        {"tokens_used": 0, "estimated_cost": 0.0, "response_time_ms": 0, "error_message": ""},
        {"tokens_used": 2**31 - 1, "estimated_cost": 1e9, "response_time_ms": 2**31 - 1, "error_message": "e" * 10_000},
    ],
)
def test_what_lies_within_the_bounds_may_be_stored(given: dict[str, Any]) -> None:
    assert problems(**given) == []


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"model": ""}, "model", InputProblemCode.TOO_SHORT),
        ({"model": "m" * 256}, "model", InputProblemCode.TOO_LONG),
        ({"model": "m\x00"}, "model", InputProblemCode.MALFORMED),
        ({"model": "m\ud800"}, "model", InputProblemCode.MALFORMED),
        ({"model": "m\n"}, "model", InputProblemCode.MALFORMED),
        ({"model": "m\u202e"}, "model", InputProblemCode.MALFORMED),
        ({"error_message": "\x1b[31m"}, "errorMessage", InputProblemCode.MALFORMED),
        ({"tokens_used": -1}, "tokensUsed", InputProblemCode.TOO_SMALL),
        ({"tokens_used": 2**31}, "tokensUsed", InputProblemCode.TOO_LARGE),
        ({"estimated_cost": -0.001}, "estimatedCost", InputProblemCode.TOO_SMALL),
        ({"estimated_cost": 1_000_000_000.001}, "estimatedCost", InputProblemCode.TOO_LARGE),
        ({"estimated_cost": float("inf")}, "estimatedCost", InputProblemCode.TOO_LARGE),
        ({"estimated_cost": float("nan")}, "estimatedCost", InputProblemCode.TOO_LARGE),
        ({"response_time_ms": -1}, "responseTimeMs", InputProblemCode.TOO_SMALL),
        ({"response_time_ms": 2**31}, "responseTimeMs", InputProblemCode.TOO_LARGE),
        ({"error_message": "e" * 10_001}, "errorMessage", InputProblemCode.TOO_LONG),
        ({"error_message": "\x00"}, "errorMessage", InputProblemCode.MALFORMED),
    ],
)
def test_what_breaks_a_bound_is_named_with_its_path(given: dict[str, Any], path: str, code: InputProblemCode) -> None:
    assert problems(**given) == [((path,), code)]


def test_everything_wrong_with_a_record_is_reported_at_once() -> None:
    found = problems(model="", tokens_used=-1, estimated_cost=-1.0, response_time_ms=-1, error_message="\x00")
    assert [path for (path,), _ in found] == ["model", "tokensUsed", "estimatedCost", "responseTimeMs", "errorMessage"]
