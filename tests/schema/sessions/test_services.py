"""The services: our own bots open and serve sessions of platforms that have no team, each of its own type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.running_api import INTERNAL_KEY, TELEGRAM_KEY, running_api
from tests.schema.sessions.documents import contents, document, opened, response, run, say, succeed
from tests.schema.teams.documents import problems_of
from tests.schema.teams.rows import rows, unchanged
from tests.schema.world import add_session, add_teams, node_id, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

SERVICES = {"telegram": TELEGRAM_KEY, "internal": INTERNAL_KEY}


@pytest.mark.parametrize("platform", SERVICES)
def test_a_service_holds_a_whole_conversation(database: str, platform: str) -> None:
    settings = {"telegram_admin_users": ("42",), "internal_admin_users": ("42",)}
    with running_api(database, **settings) as api:
        bot = api.by(SERVICES[platform])
        first = succeed(bot, "openSession", platform=platform, userId="42")
        session = first["session"]
        assert first["created"]
        assert (session["team"], session["apiKey"], session["isAdmin"]) == (None, None, True)
        say(bot, session["id"], "one", "two")
        model = session["effectiveConfig"]["availableModels"][1]
        switched = succeed(bot, "switchSessionModel", sessionId=session["id"], model=model)["session"]
        assert (switched["currentModel"], contents(switched["history"])) == (model, ["one", "two"])
        assert succeed(bot, "clearSessionHistory", sessionId=session["id"])["clearedMessages"] == 2
        succeed(bot, "closeSession", sessionId=session["id"])
        again = succeed(bot, "openSession", platform=platform, userId="42")
        assert (again["created"], again["session"]["id"]) == (False, session["id"])
        assert (again["session"]["history"], again["session"]["totalMessageCount"]) == ([], 2)
    stored = rows(database, "SELECT team_id, api_key_id, platform FROM messages")
    assert stored == [{"team_id": None, "api_key_id": None, "platform": platform}] * 2


@pytest.mark.parametrize(
    ("service", "platform"),
    [("telegram", "internal"), ("telegram", "acme-bot"), ("internal", "telegram"), ("internal", "TELEGRAM ")],
)
def test_a_service_opens_nothing_on_platforms_of_the_other_type(
    api: RunningApi, database: str, service: str, platform: str
) -> None:
    with unchanged(database):
        error = api.by(SERVICES[service]).error(
            document("openSession"), {"input": {"platform": platform, "userId": "u"}}
        )
    assert error["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("service", SERVICES)
def test_a_refusal_does_not_depend_on_which_sessions_or_teams_there_are(
    api: RunningApi, database: str, service: str
) -> None:
    bot = api.by(SERVICES[service])
    platform = "internal" if service == "telegram" else "telegram"
    before = response(bot, "openSession", platform=platform, userId="u")
    add_session(database, platform, "u")
    add_teams(database, {"platform_name": platform})
    assert response(bot, "openSession", platform=platform, userId="u").content == before.content


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("given", [{}, {"platform": None}])
def test_a_service_has_to_name_a_platform(api: RunningApi, database: str, service: str, given: dict[str, None]) -> None:
    with unchanged(database):
        refused = run(api.by(SERVICES[service]), "openSession", userId="u", **given)
    assert problems_of(refused) == [("platform", "REQUIRED")]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_sees_no_team(api: RunningApi, database: str, service: str) -> None:
    """A team that is there, one that rests and one that is not there are all the same to it."""
    (team,) = populate(database, sessions=0)
    add_teams(database, {"platform_name": "rests", "display_name": "Rests", "is_active": False})
    bot = api.by(SERVICES[service])
    absent = response(bot, "openSession", platform=service, userId="u", teamId=node_id("Team", 999_999))
    assert absent.json()["data"]["result"]["__typename"] == "TeamNotFound"
    with unchanged(database):
        for team_id in (team.node_id, node_id("Team", 2), "nonsense"):
            answer = response(bot, "openSession", platform=service, userId="u", teamId=team_id)
            assert answer.content == absent.content


def test_a_team_that_bears_the_name_does_not_get_in_the_way(api: RunningApi, database: str) -> None:
    """The service's session belongs to no team, and has the configuration of the name."""
    (team,) = populate(database, sessions=0, platform_name="telegram", platform_type="private", rate_limit=7)
    ours = opened(api.by(TELEGRAM_KEY), platform="telegram")
    theirs = opened(api.by(team.keys[0].secret))
    assert ours["id"] != theirs["id"]
    assert (ours["team"], ours["effectiveConfig"]["rateLimit"]) == (None, 20)
    assert (theirs["team"], theirs["effectiveConfig"]["rateLimit"]) == ({"id": team.node_id}, 7)


def test_a_teams_key_opens_sessions_of_its_team_alone(api: RunningApi, database: str) -> None:
    own, other = populate(database, teams=2, sessions=0)
    by = api.by(own.keys[0].secret)
    absent = response(by, "openSession", userId="u", teamId=node_id("Team", 999_999))
    assert absent.json()["data"]["result"]["__typename"] == "TeamNotFound"
    with unchanged(database):
        for team_id in (other.node_id, "nonsense", node_id("Session", own.id)):
            assert response(by, "openSession", userId="u", teamId=team_id).content == absent.content
    assert opened(by, teamId=own.node_id)["team"] == {"id": own.node_id}


@pytest.mark.parametrize("platform", ["telegram", "Internal", " TELEGRAM "])
def test_a_teams_key_does_not_pass_for_a_platform_that_has_administrators(
    api: RunningApi, database: str, platform: str
) -> None:
    (team,) = populate(database, sessions=0)
    with unchanged(database):
        refused = run(api.by(team.keys[0].secret), "openSession", platform=platform, userId="42")
    assert problems_of(refused) == [("platform", "NOT_ALLOWED")]


def test_an_admin_may_name_any_platform_with_and_without_a_team(api: RunningApi, database: str) -> None:
    (team,) = populate(database, sessions=0)
    sessions = {
        opened(api, platform=platform, teamId=team_id)["id"]
        for platform in ("telegram", "internal", "web")
        for team_id in (team.node_id, None)
    }
    assert len(sessions) == 6
