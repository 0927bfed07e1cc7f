"""What may be recorded of a request to a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.errors import InputProblem, InputProblemCode, InvalidInput
from domain.text import NAME_MAXIMUM_LENGTH, NOT_IN_A_NAME, text_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT_MAXIMUM = 2**31 - 1
"""The largest whole number that both GraphQL's Int and the stored column can hold."""

COST_MAXIMUM = 1_000_000_000.0
ERROR_MESSAGE_MAXIMUM_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """One request to a model: what came of it and what it took. The model's name is kept as it is given."""

    model: str
    success: bool
    tokens_used: int | None
    estimated_cost: float | None
    response_time_ms: int | None
    error_message: str | None


def require_usage_record(record: UsageRecord) -> None:
    """Check a record.

    Raises:
        InvalidInput: every bound that is broken.
    """
    if problems := list(_problems(record)):
        raise InvalidInput(problems)


def _problems(record: UsageRecord) -> Iterator[InputProblem]:
    yield from text_problems(
        record.model, ("model",), label="model", maximum_length=NAME_MAXIMUM_LENGTH, unwanted=NOT_IN_A_NAME
    )
    if not record.model:
        yield InputProblem(("model",), InputProblemCode.TOO_SHORT, "model needs at least 1 character.")
    yield from _number_problems(record.tokens_used, "tokensUsed", maximum=COUNT_MAXIMUM)
    yield from _number_problems(record.estimated_cost, "estimatedCost", maximum=COST_MAXIMUM)
    yield from _number_problems(record.response_time_ms, "responseTimeMs", maximum=COUNT_MAXIMUM)
    if record.error_message is not None:
        yield from text_problems(
            record.error_message, ("errorMessage",), label="errorMessage", maximum_length=ERROR_MESSAGE_MAXIMUM_LENGTH
        )


def _number_problems(number: float | None, name: str, *, maximum: float) -> Iterator[InputProblem]:
    if number is None or 0 <= number <= maximum:
        return
    code = InputProblemCode.TOO_SMALL if number < 0 else InputProblemCode.TOO_LARGE
    yield InputProblem((name,), code, f"{name} has to be 0 to {maximum:,.0f}.")
