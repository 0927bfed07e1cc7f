"""A team whose overrides are changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.schema.config.overrides import ALL_OVERRIDES
from tests.schema.teams.documents import create

if TYPE_CHECKING:
    from tests.running_api import RunningApi


@pytest.fixture
def team(api: RunningApi) -> dict[str, Any]:
    """A team that overrides everything."""
    team: dict[str, Any] = create(api, overrides=ALL_OVERRIDES)["team"]
    return team
