"""Judging a change of configuration by its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.config.merge import merge
from domain.config.setting_types import ConfigViolationCode
from domain.config.settings_table import DEFAULT_MODEL
from domain.errors import InputProblem, InputProblemCode, InvalidInput, ModelNotAvailable

if TYPE_CHECKING:
    from domain.config.defaults import PlatformDefaults
    from domain.config.overrides import ConfigOverrides, OverridesChange


def clean_change(change: OverridesChange) -> OverridesChange:
    """Give a change in the form in which it is stored: names normalised and trimmed."""
    return {setting: None if value is None else setting.type.clean(value) for setting, value in change.items()}


def change_problems(change: OverridesChange) -> list[InputProblem]:
    """List what is wrong with the values of a cleaned change, each by itself; paths begin with the setting's name."""
    return [
        problem
        for setting, value in change.items()
        if value is not None
        for problem in setting.type.problems(value, (setting.public_name,), setting.public_name)
    ]


def require_consistent(
    defaults: PlatformDefaults, overrides: ConfigOverrides, *, path: tuple[str, ...], named_in_path: bool = True
) -> None:
    """Refuse overrides whose result would hold a violation.

    `path` leads to the part of the input at fault; `named_in_path` says that the setting itself stands below it.

    Raises:
        ModelNotAvailable: the default model would not be one of the available models.
        InvalidInput: a value that was stored earlier, and that the change leaves as it is, breaks its bounds.
    """
    config = merge(defaults, overrides)
    remedy = (
        "Correct it or set it to null in the same change."
        if named_in_path
        else "Correct it or set it to null with updateTeamOverrides first."
    )
    stored_problems = [
        InputProblem(
            (*path, violation.setting.public_name) if named_in_path else path,
            InputProblemCode.NOT_ALLOWED,
            f"{violation.message} {remedy}",
        )
        for violation in config.violations
        if violation.code is not ConfigViolationCode.MODEL_NOT_AVAILABLE
    ]
    if stored_problems:
        raise InvalidInput(stored_problems)
    if config.violations:
        raise ModelNotAvailable(model=str(overrides[DEFAULT_MODEL]), available_models=config.available_models)
