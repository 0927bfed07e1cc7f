"""What may be asked for when an API key is issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from domain.errors import InputProblem, InputProblemCode, InvalidInput
from domain.team import quota_problems
from domain.text import NOT_IN_A_DESCRIPTION, clean_name, name_problems, text_problems

DESCRIPTION_MAXIMUM_LENGTH = 10_000

# The last moments that a datetime can name are stored as "infinity", which other readers may not expect.
_EXPIRY_END = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ApiKeyRequest:
    """A key to be issued: cleaned and within every bound."""

    name: str
    description: str | None
    monthly_quota: int | None
    daily_quota: int | None
    expires_at: datetime | None


def api_key_request(
    *,
    name: str,
    description: str | None,
    monthly_quota: int | None,
    daily_quota: int | None,
    expires_at: datetime | None,
    now: datetime,
) -> ApiKeyRequest:
    """Check what a new key should be. Both times are aware.

    Raises:
        InvalidInput: every bound that is broken.
    """
    name = clean_name(name)
    problems = [
        *name_problems(name, ("name",), label="name"),
        *_description_problems(description),
        *quota_problems(monthly_quota, "monthlyQuota"),
        *quota_problems(daily_quota, "dailyQuota"),
    ]
    if expires_at is not None and expires_at <= now:
        problems.append(
            InputProblem(
                ("expiresAt",),
                InputProblemCode.TOO_SMALL,
                "expiresAt has to lie in the future; leave it out for a key that does not expire.",
            )
        )
    if expires_at is not None and expires_at >= _EXPIRY_END:
        problems.append(
            InputProblem(
                ("expiresAt",),
                InputProblemCode.TOO_LARGE,
                "expiresAt has to lie before the year 9999; leave it out for a key that does not expire.",
            )
        )
    if problems:
        raise InvalidInput(problems)
    return ApiKeyRequest(name, description, monthly_quota, daily_quota, expires_at)


def _description_problems(description: str | None) -> list[InputProblem]:
    if description is None:
        return []
    return text_problems(
        description,
        ("description",),
        label="description",
        maximum_length=DESCRIPTION_MAXIMUM_LENGTH,
        unwanted=NOT_IN_A_DESCRIPTION,
    )
