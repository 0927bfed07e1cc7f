"""openSession: the session that there is or a new one, apart for each platform, team and user."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.running_api import running_api
from tests.schema.sessions.documents import contents, document, opened, run, say, succeed
from tests.schema.sessions.reading import show
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.documents import problems_of
from tests.schema.teams.ids import strange_ids
from tests.schema.teams.rows import row_id, rows, unchanged, value
from tests.schema.world import LONG_AGO, add_session, node_id, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi


def test_opening_makes_a_session_once_and_then_continues_it(api: RunningApi, database: str) -> None:
    first = succeed(api, "openSession", platform="p", userId="u")
    again = succeed(api, "openSession", platform="p", userId="u")
    assert (first["created"], again["created"]) == (True, False)
    assert again["session"]["id"] == first["session"]["id"]
    assert again["session"]["createdAt"] == first["session"]["createdAt"]
    assert again["session"]["lastActivityAt"] > first["session"]["lastActivityAt"]
    assert value(database, "SELECT count(*) FROM chat_sessions") == 1


def test_a_hundred_at_once_make_one_session(api: RunningApi, database: str) -> None:
    def call(_: int) -> dict[str, Any]:
        return outcome(
            api, "openSession", "... on OpenSessionSuccess { created session { id } }", platform="p", userId="u"
        )

    results = at_once(100, call)
    assert [result["created"] for result in results].count(True) == 1
    assert len({result["session"]["id"] for result in results}) == 1
    assert value(database, "SELECT count(*) FROM chat_sessions") == 1


def test_platform_team_and_user_each_make_a_session_another(api: RunningApi, database: str) -> None:
    one, two = populate(database, teams=2, sessions=0)
    triples = [
        (platform, team, user) for platform in ("p", "P") for team in (one, two, None) for user in ("u", "U", "u ")
    ]
    sessions = {}
    for platform, team, user in triples:
        given = {"platform": platform, "userId": user, "teamId": team and team.node_id}
        success = succeed(api, "openSession", **given)
        assert success["created"]
        shown = success["session"]
        assert (shown["platform"], shown["userId"], shown["team"]) == (platform, user, team and {"id": team.node_id})
        sessions[shown["id"]] = given
    assert len(sessions) == len(triples)
    for session, given in sessions.items():
        assert opened(api, **given)["id"] == session


def test_keys_of_two_teams_have_two_sessions_with_the_same_user(api: RunningApi, database: str) -> None:
    one, two = populate(database, teams=2, sessions=0)
    for team in (one, two):
        theirs = opened(api.by(team.keys[0].secret), platform="web")
        assert theirs["team"] == {"id": team.node_id}
        say(api.by(team.keys[0].secret), theirs["id"], f"to {team.display_name}")
    for team in (one, two):
        assert contents(opened(api.by(team.keys[0].secret), platform="web")["history"]) == [f"to {team.display_name}"]


def test_a_session_id_is_the_one_that_usage_logs_hold(api: RunningApi, database: str) -> None:
    (team,) = populate(database, sessions=0)
    named = {f"web:{team.id}:ü 1": {"teamId": team.node_id}, "web:ü 1": {}}
    for name, given in named.items():
        session = opened(api, platform="web", userId="ü 1", **given)
        assert session["sessionId"] == hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def test_opening_counts_all_messages_and_gives_the_context(api: RunningApi, database: str) -> None:
    (team,) = populate(database, sessions=0, max_history=3)
    messages: list[dict[str, Any]] = [
        {"content": "cleared", "cleared_at": LONG_AGO},
        *({"content": f"{number}"} for number in range(5)),
    ]
    session = add_session(database, team.platform_name, "u", team=team.id, messages=messages)
    shown = opened(api.by(team.keys[0].secret))
    assert shown["id"] == session
    assert shown["totalMessageCount"] == 6
    assert contents(shown["history"]) == ["2", "3", "4"]


def test_a_session_of_another_service_is_continued(api: RunningApi, database: str) -> None:
    """Messages that the earlier service writes have a session in the database already, with the key that wrote them."""
    (team,) = populate(database, sessions=0)
    key = team.keys[0]
    rows(
        database,
        "INSERT INTO messages (platform, user_id, team_id, api_key_id, role, content)"
        " VALUES ('web', 'u', $1, $2, 'user', 'before')",
        team.id,
        key.id,
    )
    success = succeed(api.by(key.secret), "openSession", platform="web", userId="u")
    assert success["created"] is False
    assert success["session"]["apiKey"] == {"id": key.node_id}
    assert contents(success["session"]["history"]) == ["before"]


def test_without_a_platform_the_teams_own_is_taken(api: RunningApi, database: str) -> None:
    (team,) = populate(database, sessions=0, platform_name="own-bot")
    by = api.by(team.keys[0].secret)
    ways: list[dict[str, Any]] = [
        {},
        {"platform": None},
        {"platform": "own-bot"},
        {"platform": " own-bot\n"},
        {"teamId": None},
    ]
    ids = {opened(by, **given)["id"] for given in ways}
    ids.add(opened(api, teamId=team.node_id)["id"])
    assert len(ids) == 1


def test_the_configuration_of_a_session_is_its_teams_or_its_platforms(api: RunningApi, database: str) -> None:
    (team,) = populate(database, sessions=0, platform_type="public", rate_limit=7, max_history=4)
    of_team = opened(api.by(team.keys[0].secret))["effectiveConfig"]
    assert (of_team["platformType"], of_team["rateLimit"], of_team["maxHistory"]) == ("PUBLIC", 7, 4)
    of_platform = opened(api, platform="telegram")["effectiveConfig"]
    assert (of_platform["platformType"], of_platform["rateLimit"], of_platform["maxHistory"]) == ("PUBLIC", 20, 10)
    assert opened(api, platform="elsewhere")["effectiveConfig"]["platformType"] == "PRIVATE"


def test_administrators_are_known_when_a_session_is_opened(database: str) -> None:
    users = [("telegram", "42", True), ("internal", "boss", True), ("telegram", "boss", False), ("web", "42", False)]
    with running_api(database, telegram_admin_users=("42",), internal_admin_users=("boss",)) as api:
        shown = [opened(api, platform=platform, userId=user)["isAdmin"] for platform, user, _ in users]
    assert shown == [expected for _, _, expected in users]


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"userId": ""}, [("userId", "TOO_SHORT")]),
        ({"userId": " "}, [("userId", "TOO_SHORT")]),
        ({"userId": "u" * 256}, [("userId", "TOO_LONG")]),
        ({"userId": "u\x00"}, [("userId", "MALFORMED")]),
        ({"platform": ""}, [("platform", "TOO_SHORT")]),
        ({"platform": "p" * 51}, [("platform", "TOO_LONG")]),
        ({"platform": "p\x00"}, [("platform", "MALFORMED")]),
        ({"platform": None}, [("platform", "REQUIRED")]),
        ({"platform": "", "userId": "u" * 256}, [("userId", "TOO_LONG"), ("platform", "TOO_SHORT")]),
    ],
)
def test_input_beyond_its_bounds_is_refused_and_opens_nothing(
    api: RunningApi, database: str, given: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    with unchanged(database):
        assert problems_of(run(api, "openSession", **{"platform": "p", "userId": "u", **given})) == problems


def test_input_at_its_bounds_is_stored_to_the_letter(api: RunningApi, database: str) -> None:
    platform, user = "\U0001f600" * 50, "\u00fc" * 254 + " "
    session = opened(api, platform=platform, userId=user)
    assert (session["platform"], session["userId"]) == (platform, user)
    say(api, session["id"], "stored where messages name their session")
    assert opened(api, platform=f"  {platform}  ", userId=user)["totalMessageCount"] == 1
    assert value(database, "SELECT length(user_id) FROM messages") == 255


def test_looks_alike_are_one_platform_and_two_users(api: RunningApi) -> None:
    composed, decomposed = "Caf\u00e9", "Cafe\u0301"
    assert opened(api, platform=composed)["id"] == opened(api, platform=decomposed)["id"]
    assert opened(api, platform="p", userId=composed)["id"] != opened(api, platform="p", userId=decomposed)["id"]


def test_a_user_is_required(api: RunningApi, database: str) -> None:
    for given in ({"platform": "p"}, {"platform": "p", "userId": None}):
        with unchanged(database):
            error = api.error(document("openSession"), {"input": given})
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_team_that_is_not_there_or_rests_has_no_sessions(api: RunningApi, database: str) -> None:
    (team,) = populate(database, sessions=0, is_active=False)
    with unchanged(database):
        for strange in strange_ids("Team"):
            assert run(api, "openSession", userId="u", teamId=strange)["__typename"] == "TeamNotFound"
        refused = run(api, "openSession", userId="u", teamId=team.node_id)
    assert refused["__typename"] == "TeamInactive"
    assert "updateTeam" in refused["message"]


def test_a_refused_opening_reads_no_more_than_it_needs(api: RunningApi) -> None:
    with api.counted() as statements:
        run(api, "openSession", platform="p", userId="")
        run(api, "openSession", platform=None, userId="u")
        run(api, "openSession", userId="u", teamId="nonsense")
    assert statements == []


def test_a_session_is_shown_the_same_wherever_it_is_read(api: RunningApi, database: str) -> None:
    (team,) = populate(database, sessions=0)
    session = opened(api.by(team.keys[1].secret), platform="web")
    fields = "id sessionId createdAt lastActivityAt isActive apiKey { id }"
    shown = show(api, session["id"], fields)
    assert shown == {name: session[name] for name in shown}
    assert shown["apiKey"] == {"id": team.keys[1].node_id}
    assert row_id(shown["id"]) == value(database, "SELECT id FROM chat_sessions")
    assert node_id("Session", row_id(shown["id"])) == shown["id"]
