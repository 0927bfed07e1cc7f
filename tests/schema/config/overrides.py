"""Overrides of every setting, and the call that changes a team's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.config.setting_types import BooleanType, IntegerType, NameListType, NameType
from domain.config.settings_table import SETTINGS, Setting
from tests.schema.teams.documents import run
from tests.schema.teams.names import FIRST_MODEL, SECOND_MODEL

if TYPE_CHECKING:
    from tests.running_api import RunningApi


def overridden(setting: Setting[Any]) -> Any:
    """Give a value that differs from the private default and can stand beside those of the other settings."""
    match setting.type:
        case IntegerType(minimum=minimum):
            return minimum
        case BooleanType():
            return False
        case NameType():
            return SECOND_MODEL
        case NameListType():
            return [FIRST_MODEL, SECOND_MODEL]
    pytest.fail(f"give a value of the new type of {setting.name}")


def otherwise(setting: Setting[Any]) -> Any:
    """Give another such value."""
    match setting.type:
        case IntegerType(maximum=maximum):
            return maximum
        case BooleanType():
            return True
        case NameType():
            return FIRST_MODEL
        case NameListType():
            return ["z", SECOND_MODEL, FIRST_MODEL]
    pytest.fail(f"give a value of the new type of {setting.name}")


ALL_OVERRIDES = {setting.public_name: overridden(setting) for setting in SETTINGS}


def change(api: RunningApi, team: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    """Change a team's overrides and give the result."""
    return run(api, "updateTeamOverrides", id=team["id"], overrides=overrides)
