"""The team that is changed or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.schema.teams.documents import create

if TYPE_CHECKING:
    from tests.running_api import RunningApi


@pytest.fixture
def team(api: RunningApi) -> dict[str, Any]:
    """A private team with both quotas and a key that works."""
    team: dict[str, Any] = create(api, monthlyQuota=100, dailyQuota=10)["team"]
    return team
