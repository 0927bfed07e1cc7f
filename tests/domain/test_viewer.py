"""Who may do what, for every kind of caller."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from domain.errors import Forbidden
from domain.platform import PlatformType
from domain.viewer import Admin, Service, TeamKey, require_admin, require_platform, require_platform_type

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from domain.viewer import Viewer

ADMIN = Admin("ops")
PUBLIC_SERVICE = Service("telegram", PlatformType.PUBLIC)
PRIVATE_SERVICE = Service("internal", PlatformType.PRIVATE)
TEAM = TeamKey("acme", team_id=1, api_key_id=2, platform_name="acme-bot", platform_type=PlatformType.PRIVATE)


def expectation(*, allowed: bool) -> AbstractContextManager[object]:
    return nullcontext() if allowed else pytest.raises(Forbidden)


def test_an_administrator_is_let_through_as_itself() -> None:
    assert require_admin(ADMIN) is ADMIN


@pytest.mark.parametrize("viewer", [PUBLIC_SERVICE, PRIVATE_SERVICE, TEAM])
def test_nobody_else_administers(viewer: Viewer) -> None:
    with pytest.raises(Forbidden):
        require_admin(viewer)


@pytest.mark.parametrize(
    ("viewer", "platform", "allowed"),
    [
        (ADMIN, "telegram", True),
        (ADMIN, "acme-bot", True),
        (PUBLIC_SERVICE, "telegram", True),
        (PUBLIC_SERVICE, "Telegram", True),
        (PUBLIC_SERVICE, "acme-bot", False),
        (PRIVATE_SERVICE, "internal", True),
        (PRIVATE_SERVICE, "telegram", False),
        (TEAM, "acme-bot", True),
        (TEAM, "Acme-Bot", False),
        (TEAM, "other-bot", False),
        (TEAM, "telegram", False),
    ],
)
def test_a_service_asks_about_platforms_of_its_type_and_a_team_about_its_own(
    viewer: Viewer, platform: str, *, allowed: bool
) -> None:
    with expectation(allowed=allowed):
        require_platform(viewer, platform)


@pytest.mark.parametrize(
    ("viewer", "platform_type", "allowed"),
    [
        (ADMIN, PlatformType.PUBLIC, True),
        (ADMIN, PlatformType.PRIVATE, True),
        (PUBLIC_SERVICE, PlatformType.PUBLIC, True),
        (PUBLIC_SERVICE, PlatformType.PRIVATE, False),
        (PRIVATE_SERVICE, PlatformType.PUBLIC, False),
        (PRIVATE_SERVICE, PlatformType.PRIVATE, True),
        (TEAM, PlatformType.PUBLIC, False),
        (TEAM, PlatformType.PRIVATE, True),
    ],
)
def test_services_and_teams_read_the_defaults_of_their_own_type_only(
    viewer: Viewer, platform_type: PlatformType, *, allowed: bool
) -> None:
    with expectation(allowed=allowed):
        require_platform_type(viewer, platform_type)
