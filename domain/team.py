"""Teams: what may be asked for when one is created or changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.config.overrides import NO_OVERRIDES, ConfigOverrides, OverridesChange
from domain.config.validation import change_problems, clean_change, require_consistent
from domain.errors import InputProblem, InputProblemCode, InvalidInput
from domain.text import clean_name, name_problems, public_name

if TYPE_CHECKING:
    from domain.config.defaults import PlatformDefaults
    from domain.platform import PlatformType

QUOTA_MAXIMUM = 2**31 - 1
"""The largest whole number that both GraphQL's Int and the stored column can hold."""

OVERRIDES_PATH = "overrides"


@dataclass(frozen=True, slots=True)
class NewTeam:
    """A team to be created: cleaned and within every bound."""

    display_name: str
    platform_name: str
    platform_type: PlatformType
    monthly_quota: int | None
    daily_quota: int | None
    overrides: ConfigOverrides


def new_team(
    *,
    display_name: str,
    platform_name: str,
    defaults: PlatformDefaults,
    monthly_quota: int | None,
    daily_quota: int | None,
    overrides: OverridesChange,
) -> NewTeam:
    """Check what a new team should be.

    Raises:
        InvalidInput: every bound that is broken.
        ModelNotAvailable: the default model would not be one of the available models.
    """
    display_name, platform_name = clean_name(display_name), clean_name(platform_name)
    change = clean_change(overrides)
    problems = [
        *name_problems(display_name, ("displayName",), label="displayName"),
        *name_problems(platform_name, ("platformName",), label="platformName"),
        *quota_problems(monthly_quota, "monthlyQuota"),
        *quota_problems(daily_quota, "dailyQuota"),
        *(problem.below(OVERRIDES_PATH) for problem in change_problems(change)),
    ]
    if problems:
        raise InvalidInput(problems)
    stored = NO_OVERRIDES.changed(change)
    require_consistent(defaults, stored, path=(OVERRIDES_PATH,))
    return NewTeam(display_name, platform_name, defaults.platform_type, monthly_quota, daily_quota, stored)


TeamChange = Mapping[str, Any]
"""A change of a team's own fields, by attribute: display_name, platform_type, monthly_quota, daily_quota, is_active."""


def team_change(change: TeamChange) -> TeamChange:
    """Check a change of a team's own fields and give it cleaned. An attribute that is absent stays as it is.

    Raises:
        InvalidInput: every bound that is broken, also null where the field has to have a value.
    """
    cleaned = dict(change)
    problems: list[InputProblem] = []
    for attribute in ("display_name", "platform_type", "is_active"):
        if attribute in cleaned and cleaned[attribute] is None:
            name = public_name(attribute)
            problems.append(
                InputProblem(
                    (name,),
                    InputProblemCode.REQUIRED,
                    f"{name} cannot be cleared; leave it out to keep it as it is.",
                )
            )
    if isinstance(cleaned.get("display_name"), str):
        cleaned["display_name"] = clean_name(cleaned["display_name"])
        problems += name_problems(cleaned["display_name"], ("displayName",), label="displayName")
    problems += quota_problems(cleaned.get("monthly_quota"), "monthlyQuota")
    problems += quota_problems(cleaned.get("daily_quota"), "dailyQuota")
    if problems:
        raise InvalidInput(problems)
    return cleaned


def overrides_change(change: OverridesChange) -> OverridesChange:
    """Check the values of a change of overrides, each by itself, and give it cleaned.

    Raises:
        InvalidInput: every bound that is broken.
    """
    cleaned = clean_change(change)
    problems = [problem.below(OVERRIDES_PATH) for problem in change_problems(cleaned)]
    if problems:
        raise InvalidInput(problems)
    return cleaned


def quota_problems(quota: int | None, name: str) -> list[InputProblem]:
    """Check a quota: 0 or more, None for unlimited."""
    if quota is None or 0 <= quota <= QUOTA_MAXIMUM:
        return []
    code = InputProblemCode.TOO_SMALL if quota < 0 else InputProblemCode.TOO_LARGE
    return [InputProblem((name,), code, f"{name} has to be 0 to {QUOTA_MAXIMUM}, not {quota}.")]
