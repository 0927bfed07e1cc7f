"""What may be asked for when a team is created or changed."""

from __future__ import annotations

from typing import Any

import pytest

from domain.config.defaults import platform_defaults
from domain.config.overrides import ConfigOverrides
from domain.config.settings_table import AVAILABLE_MODELS, DEFAULT_MODEL, MAX_HISTORY, RATE_LIMIT
from domain.errors import InputProblemCode, InvalidInput, ModelNotAvailable
from domain.platform import PlatformType
from domain.team import NewTeam, new_team, quota_problems, team_change


def create(**asked: Any) -> NewTeam:
    return new_team(
        **{
            "display_name": "Acme",
            "platform_name": "acme-bot",
            "defaults": platform_defaults(PlatformType.PRIVATE),
            "monthly_quota": None,
            "daily_quota": None,
            "overrides": {},
            **asked,
        }
    )


def test_a_new_team_is_cleaned_throughout() -> None:
    team = create(
        display_name=" Acme\n",
        platform_name="\tacme-bot",
        defaults=platform_defaults(PlatformType.PUBLIC),
        monthly_quota=0,
        overrides={RATE_LIMIT: 5, MAX_HISTORY: None, AVAILABLE_MODELS: (" a ", "b")},
    )
    assert team == NewTeam(
        display_name="Acme",
        platform_name="acme-bot",
        platform_type=PlatformType.PUBLIC,
        monthly_quota=0,
        daily_quota=None,
        overrides=ConfigOverrides.of({RATE_LIMIT: 5, AVAILABLE_MODELS: ("a", "b")}),
    )


def test_everything_wrong_with_a_new_team_is_reported_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        create(
            display_name="  ",
            platform_name="n" * 256,
            monthly_quota=-1,
            daily_quota=2**31,
            overrides={RATE_LIMIT: 0, AVAILABLE_MODELS: ("a", " a")},
        )
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        (("displayName",), InputProblemCode.TOO_SHORT),
        (("platformName",), InputProblemCode.TOO_LONG),
        (("monthlyQuota",), InputProblemCode.TOO_SMALL),
        (("dailyQuota",), InputProblemCode.TOO_LARGE),
        (("overrides", "rateLimit"), InputProblemCode.TOO_SMALL),
        (("overrides", "availableModels", "1"), InputProblemCode.DUPLICATE),
    ]
    assert all(problem.message in refused.value.message for problem in refused.value.problems)


def test_a_new_team_cannot_start_with_a_model_that_it_does_not_offer() -> None:
    with pytest.raises(ModelNotAvailable) as refused:
        create(overrides={DEFAULT_MODEL: "z", AVAILABLE_MODELS: ("a", "b")})
    assert refused.value.model == "z"
    assert refused.value.available_models == ("a", "b")


def test_a_change_keeps_what_is_absent_and_clears_quotas() -> None:
    assert team_change({}) == {}
    change = {"display_name": " Acme ", "monthly_quota": None, "daily_quota": 0, "is_active": False}
    assert team_change(change) == {**change, "display_name": "Acme"}


def test_what_has_to_have_a_value_cannot_be_cleared() -> None:
    with pytest.raises(InvalidInput) as refused:
        team_change({"display_name": None, "platform_type": None, "is_active": None, "monthly_quota": None})
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        (("displayName",), InputProblemCode.REQUIRED),
        (("platformType",), InputProblemCode.REQUIRED),
        (("isActive",), InputProblemCode.REQUIRED),
    ]


def test_a_change_keeps_to_the_bounds_of_a_new_team() -> None:
    with pytest.raises(InvalidInput) as refused:
        team_change({"display_name": " ", "monthly_quota": -1, "daily_quota": 2**31})
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        (("displayName",), InputProblemCode.TOO_SHORT),
        (("monthlyQuota",), InputProblemCode.TOO_SMALL),
        (("dailyQuota",), InputProblemCode.TOO_LARGE),
    ]


@pytest.mark.parametrize(
    ("quota", "code"),
    [
        (None, None),
        (0, None),
        (2**31 - 1, None),
        (-1, InputProblemCode.TOO_SMALL),
        (2**31, InputProblemCode.TOO_LARGE),
    ],
)
def test_a_quota_is_0_or_more_and_fits_its_column(quota: int | None, code: InputProblemCode | None) -> None:
    assert [problem.code for problem in quota_problems(quota, "dailyQuota")] == ([code] if code else [])
