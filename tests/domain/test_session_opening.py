"""What session may be opened by whom: cleaned, within every bound, and refused by name otherwise."""

from __future__ import annotations

import pytest

from domain.errors import Forbidden, InputProblemCode, InvalidInput
from domain.platform import PlatformType
from domain.session_opening import PLATFORM_MAXIMUM_LENGTH, OwnTeam, SessionOpening, session_opening
from domain.viewer import Admin, Service, TeamKey, Viewer

ADMIN = Admin("ops")
TELEGRAM = Service("telegram", PlatformType.PUBLIC)
INTERNAL = Service("internal", PlatformType.PRIVATE)
TEAM = OwnTeam(7, "acme-bot")


def key_of(platform_name: str) -> TeamKey:
    return TeamKey("ak_12345678", 7, 3, platform_name, PlatformType.PRIVATE)


def problems(
    viewer: Viewer, *, platform: str | None = "p", user_id: str = "u", team: OwnTeam | None = None
) -> list[tuple[tuple[str, ...], InputProblemCode]]:
    """Give what is wrong with an opening."""
    try:
        session_opening(viewer, platform=platform, user_id=user_id, team=team)
    except InvalidInput as refusal:
        return [(problem.path, problem.code) for problem in refusal.problems]
    return []


def test_a_key_of_a_team_owns_what_it_opens_and_an_admin_owns_nothing() -> None:
    by_key = session_opening(key_of("acme-bot"), platform=None, user_id="u", team=TEAM)
    assert by_key == SessionOpening(platform="acme-bot", user_id="u", team_id=7, api_key_id=3)
    by_admin = session_opening(ADMIN, platform=None, user_id="u", team=TEAM)
    assert by_admin == SessionOpening(platform="acme-bot", user_id="u", team_id=7, api_key_id=None)


def test_a_platform_is_normalised_and_trimmed() -> None:
    opening = session_opening(ADMIN, platform=" \tCafe\u0301 ", user_id="u", team=None)
    assert opening.platform == "Caf\u00e9"


@pytest.mark.parametrize("user_id", [" u ", "Cafe\u0301", "U", "\u200du", "u:1"])
def test_a_user_id_is_taken_as_it_is(user_id: str) -> None:
    """What looks alike may be two users of the platform."""
    assert session_opening(ADMIN, platform="p", user_id=user_id, team=None).user_id == user_id


def test_the_teams_own_platform_name_is_taken_as_it_is_stored() -> None:
    """A name may be older than the rule that names are normalised; messages and usage logs hold it as it is."""
    old = "Cafe\u0301"
    assert session_opening(ADMIN, platform=None, user_id="u", team=OwnTeam(7, old)).platform == old


@pytest.mark.parametrize(
    ("platform", "code"),
    [
        ("", InputProblemCode.TOO_SHORT),
        (" \n ", InputProblemCode.TOO_SHORT),
        ("\u200d", InputProblemCode.TOO_SHORT),
        ("p" * PLATFORM_MAXIMUM_LENGTH, None),
        ("  " + "\U0001f600" * PLATFORM_MAXIMUM_LENGTH + "  ", None),
        ("p" * (PLATFORM_MAXIMUM_LENGTH + 1), InputProblemCode.TOO_LONG),
        ("a\x00b", InputProblemCode.MALFORMED),
        ("a\nb", InputProblemCode.MALFORMED),
        ("a\ud800b", InputProblemCode.MALFORMED),
        ("a\u202eb", InputProblemCode.MALFORMED),
        (None, InputProblemCode.REQUIRED),
    ],
)
def test_the_bounds_of_a_platform(platform: str | None, code: InputProblemCode | None) -> None:
    assert PLATFORM_MAXIMUM_LENGTH == 50
    assert problems(ADMIN, platform=platform) == ([] if code is None else [(("platform",), code)])


@pytest.mark.parametrize(
    ("user_id", "code"),
    [
        ("", InputProblemCode.TOO_SHORT),
        ("  ", InputProblemCode.TOO_SHORT),
        ("u", None),
        ("u" * 255, None),
        ("u" * 256, InputProblemCode.TOO_LONG),
        ("u\x00", InputProblemCode.MALFORMED),
        ("u\ud800", InputProblemCode.MALFORMED),
        ("u\u2028", InputProblemCode.MALFORMED),
    ],
)
def test_the_bounds_of_a_user_id(user_id: str, code: InputProblemCode | None) -> None:
    assert problems(ADMIN, user_id=user_id) == ([] if code is None else [(("userId",), code)])


def test_all_that_is_wrong_is_named_at_once() -> None:
    assert problems(ADMIN, platform="p" * 51, user_id="") == [
        (("userId",), InputProblemCode.TOO_SHORT),
        (("platform",), InputProblemCode.TOO_LONG),
    ]


def test_a_team_whose_name_is_too_long_for_messages_has_to_name_a_platform() -> None:
    team = OwnTeam(7, "t" * 51)
    assert problems(key_of(team.platform_name), platform=None, team=team) == [
        (("platform",), InputProblemCode.TOO_LONG)
    ]
    assert problems(key_of(team.platform_name), platform="short", team=team) == []


@pytest.mark.parametrize("platform", ["telegram", "Telegram", " TELEGRAM ", "internal", "INTERNAL"])
def test_a_team_may_not_use_the_name_of_a_platform_that_has_administrators(platform: str) -> None:
    """Its users would be taken for those who administer the platform."""
    assert problems(key_of("acme-bot"), platform=platform, team=TEAM) == [(("platform",), InputProblemCode.NOT_ALLOWED)]


@pytest.mark.parametrize("platform", ["telegram2", "web", "acme-bot", "Acme-Bot", "other team's name"])
def test_a_team_may_use_any_other_name(platform: str) -> None:
    assert problems(key_of("acme-bot"), platform=platform, team=TEAM) == []


@pytest.mark.parametrize(
    ("own", "platform", "allowed"),
    [
        ("telegram", "telegram", True),
        ("telegram", None, True),
        ("Internal", "Internal", True),
        ("Internal", "internal", False),
        ("telegram", "Telegram", False),
        ("telegram", "internal", False),
    ],
)
def test_a_team_that_bears_such_a_name_may_use_it_as_it_bears_it(
    own: str, platform: str | None, *, allowed: bool
) -> None:
    found = problems(key_of(own), platform=platform, team=OwnTeam(7, own))
    assert found == ([] if allowed else [(("platform",), InputProblemCode.NOT_ALLOWED)])


@pytest.mark.parametrize(
    ("viewer", "platform", "allowed"),
    [
        (TELEGRAM, "telegram", True),
        (TELEGRAM, "TeleGram", True),
        (TELEGRAM, "internal", False),
        (TELEGRAM, "acme-bot", False),
        (INTERNAL, "internal", True),
        (INTERNAL, "acme-bot", True),
        (INTERNAL, "telegram", False),
        (INTERNAL, " Telegram ", False),
        (ADMIN, "telegram", True),
        (ADMIN, "internal", True),
        (ADMIN, "acme-bot", True),
    ],
)
def test_a_service_serves_platforms_of_its_type_and_an_admin_all(
    viewer: Viewer, platform: str, *, allowed: bool
) -> None:
    if allowed:
        opening = session_opening(viewer, platform=platform, user_id="u", team=None)
        assert opening == SessionOpening(platform=platform.strip(), user_id="u", team_id=None, api_key_id=None)
    else:
        with pytest.raises(Forbidden):
            session_opening(viewer, platform=platform, user_id="u", team=None)


@pytest.mark.parametrize("viewer", [TELEGRAM, INTERNAL])
def test_a_service_has_to_name_a_platform(viewer: Viewer) -> None:
    assert problems(viewer, platform=None) == [(("platform",), InputProblemCode.REQUIRED)]
