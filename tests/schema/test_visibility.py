"""Callers see what is theirs. By no path does anything else differ, by a single byte, from what does not exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from db.models import Message
from tests.running_api import INTERNAL_KEY, TELEGRAM_KEY
from tests.schema.callers import ABSENT, FROM_WITHIN, PATHS, World, document, make_world
from tests.schema.documents import query_fields, root_fields
from tests.schema.world import add, add_key, add_session, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

CALLERS = ["a team", "telegram", "internal"]


@pytest.fixture(scope="module")
def world(module_api: RunningApi, module_database: str) -> World:
    """Everything that could be mixed up."""
    return make_world(module_api, module_database)


FOREIGN = [
    ("a team", "another team"),
    ("a team", "telegram"),
    ("a team", "internal"),
    ("telegram", "another team"),
    ("telegram", "own team"),
    ("telegram", "internal"),
    ("internal", "another team"),
    ("internal", "own team"),
    ("internal", "telegram"),
]


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize(("caller", "things"), FOREIGN)
def test_what_is_not_the_callers_is_as_if_it_did_not_exist(world: World, caller: str, things: str, path: str) -> None:
    foreign, absent = (world.ask(caller, path, values) for values in (world.things[things], ABSENT))
    assert (foreign.status_code, foreign.content) == (absent.status_code, absent.content)


@pytest.mark.parametrize("name", PATHS)
def test_each_path_leads_to_something(world: World, name: str) -> None:
    """Or the test above would say nothing."""
    caller = "a team" if name in FROM_WITHIN else "admin"
    answers = [world.ask(caller, PATHS[name], values).content for values in world.things.values()]
    assert any(answer != world.ask(caller, PATHS[name], ABSENT).content for answer in answers)


def test_every_query_is_among_the_paths() -> None:
    elsewhere = {"platformDefaults"}
    assert root_fields(document(path) for path in PATHS.values()) | elsewhere == query_fields()


@pytest.mark.parametrize("name", [name for name in PATHS if name != "session by key"])
def test_a_key_sees_its_team_as_an_administrator_does(world: World, name: str) -> None:
    """All of it: the team's other keys too, and sessions that another of its keys opened."""
    own = world.ask("a team", PATHS[name], world.things["own team"])
    assert own.content != world.ask("a team", PATHS[name], ABSENT).content
    # Users of other teams may bear the same name.
    if name not in (*FROM_WITHIN, "sessions of a user"):
        assert own.content == world.ask("admin", PATHS[name], world.things["own team"]).content


@pytest.mark.parametrize("caller", ["telegram", "internal"])
@pytest.mark.parametrize("name", [name for name in PATHS if "session" in name and "team" not in name])
def test_a_service_sees_the_sessions_of_its_platform(world: World, caller: str, name: str) -> None:
    shown = world.ask(caller, PATHS[name], world.things[caller])
    assert shown.json()["data"] != world.ask(caller, PATHS[name], ABSENT).json()["data"]
    # An administrator sees in addition whose key it was.
    by_admin = re.sub(
        rb'"apiKey":{[^}]*}', b'"apiKey":null', world.ask("admin", PATHS[name], world.things[caller]).content
    )
    assert shown.content == by_admin


@pytest.mark.parametrize(
    ("caller", "teams", "users"),
    [
        ("a team", ["own"], ["user-0", "user-1"]),
        ("telegram", [], ["of-telegram"]),
        ("internal", [], ["of-internal"]),
        ("admin", ["other", "own", "telegram"], ["of-internal", "of-other", "of-telegram"] + ["user-0", "user-1"] * 2),
    ],
)
@pytest.mark.parametrize("arguments", ["first: 100", "last: 100"])
def test_lists_and_their_counts_hold_what_is_the_callers(
    world: World, caller: str, teams: list[str], users: list[str], arguments: str
) -> None:
    shown = world.data(
        caller,
        f"""{{
            teams({arguments}) {{ totalCount nodes {{ platformName }} pageInfo {{ hasNextPage hasPreviousPage }} }}
            sessions({arguments}) {{ totalCount nodes {{ userId }} pageInfo {{ hasNextPage hasPreviousPage }} }}
        }}""",
    )
    assert sorted(team["platformName"] for team in shown["teams"]["nodes"]) == teams
    assert sorted(session["userId"] for session in shown["sessions"]["nodes"]) == sorted(users)
    for page, expected in ((shown["teams"], teams), (shown["sessions"], users)):
        assert page["totalCount"] == len(expected)
        assert page["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": False}


@pytest.mark.parametrize(
    "restriction",
    ["platformType: PRIVATE", "overrides: [RATE_LIMIT]", 'search: "Other"', 'search: "o", platformType: PRIVATE'],
)
@pytest.mark.parametrize("caller", CALLERS)
def test_no_filter_reaches_beyond(world: World, caller: str, restriction: str) -> None:
    document = f"{{ teams(filter: {{{restriction}}}) {{ totalCount nodes {{ id }} }} }}"
    assert world.data("admin", document)["teams"]["totalCount"] > 0
    assert world.data(caller, document)["teams"] == {"totalCount": 0, "nodes": []}


@pytest.mark.parametrize(
    ("caller", "kind", "name", "team"),
    [
        ("admin", "ADMIN", "tester", None),
        ("telegram", "SERVICE", "telegram-service", None),
        ("internal", "SERVICE", "internal-service", None),
        ("a team", "TEAM", None, {"platformName": "own"}),
    ],
)
def test_a_caller_learns_who_it_is(
    world: World, caller: str, kind: str, name: str | None, team: dict[str, str] | None
) -> None:
    prefix = world.callers[caller][:12]
    viewer = world.data(caller, "{ viewer { kind name team { platformName } } }")["viewer"]
    assert viewer == {"kind": kind, "name": name or prefix, "team": team}
    assert world.callers[caller] not in str(viewer)


CONFIG_OF = "platformConfig(platform: $platform) { foundBy team { id } config { platformType rateLimit } }"


@pytest.mark.parametrize(
    ("caller", "platform", "expected"),
    [
        ("a team", "own", ("TEAM", "PUBLIC", 20)),
        ("a team", "Own", None),
        ("a team", "other", None),
        ("a team", "telegram", None),
        ("a team", "nowhere", None),
        ("a team", "", None),
        ("a team", "own\x00", None),
        ("telegram", "telegram", ("PLATFORM_NAME", "PUBLIC", 20)),
        ("telegram", "TeleGram", ("PLATFORM_NAME", "PUBLIC", 20)),
        ("telegram", "own", None),
        ("telegram", "internal", None),
        ("internal", "internal", ("PLATFORM_NAME", "PRIVATE", 60)),
        ("internal", "own", ("PLATFORM_NAME", "PRIVATE", 60)),
        ("internal", "other", ("PLATFORM_NAME", "PRIVATE", 60)),
        ("internal", "telegram", None),
        ("internal", "TELEGRAM", None),
    ],
)
def test_the_configuration_of_a_platform_is_shown_to_those_who_run_it(
    world: World, caller: str, platform: str, expected: tuple[str, str, int] | None
) -> None:
    """For a service, a name that a team bears is a name like any other."""
    body = world.ask(caller, CONFIG_OF, {"platform": platform}).json()
    if expected is None:
        assert body["data"] is None
        assert [error["extensions"] for error in body["errors"]] == [{"code": "FORBIDDEN"}]
    else:
        found_by, platform_type, rate_limit = expected
        team = {"id": world.own.node_id} if found_by == "TEAM" else None
        config = {"platformType": platform_type, "rateLimit": rate_limit}
        assert body["data"]["platformConfig"] == {"foundBy": found_by, "team": team, "config": config}


@pytest.mark.parametrize(
    ("caller", "own_type"), [("a team", "PUBLIC"), ("telegram", "PUBLIC"), ("internal", "PRIVATE")]
)
@pytest.mark.parametrize("asked", ["PUBLIC", "PRIVATE"])
def test_the_defaults_of_a_type_are_shown_to_callers_of_that_type(
    world: World, caller: str, own_type: str, asked: str
) -> None:
    response = world.api.by(world.callers[caller]).post(f"{{ platformDefaults(platformType: {asked}) {{ model }} }}")
    codes = [error["extensions"]["code"] for error in response.json().get("errors", ())]
    assert codes == ([] if asked == own_type else ["FORBIDDEN"])


def test_rows_that_name_the_key_of_another_team_do_not_show_it(api: RunningApi, database: str) -> None:
    """Nothing in the database forbids them."""
    own, other = populate(database, teams=2, sessions=0)
    add_session(database, own.platform_name, "u", team=own.id, api_key_id=other.keys[0].id)
    viewer = api.by(own.keys[0].secret)
    (session,) = viewer.execute("{ sessions { nodes { userId apiKey { id } } } }")["sessions"]["nodes"]
    assert session == {"userId": "u", "apiKey": None}


def test_conversations_of_one_user_on_one_platform_are_kept_apart(api: RunningApi, database: str) -> None:
    """Messages name their session by platform, team and user: one of the three alike is not enough."""
    one, two = populate(database, teams=2, sessions=0)
    for team in (one.id, two.id, None):
        add_session(database, "telegram", "u", team=team, messages=[{"content": f"of {team}"}])
    # Another program writes for another user.
    add(database, Message, {"platform": "telegram", "user_id": "v", "team_id": one.id, "role": "user", "content": "!"})
    fields = "totalMessageCount history { content } messages { nodes { content } }"
    document = f'{{ sessions(filter: {{userId: "u"}}) {{ nodes {{ {fields} }} }} }}'
    expected = []
    for caller, team in ((one.keys[0].secret, one.id), (two.keys[0].secret, two.id), (TELEGRAM_KEY, None)):
        own = [{"content": f"of {team}"}]
        expected.append({"totalMessageCount": 1, "history": own, "messages": {"nodes": own}})
        assert api.by(caller).execute(document)["sessions"]["nodes"] == expected[-1:]
    # Whoever may see them all sees them apart too.
    assert api.execute(document)["sessions"]["nodes"][::-1] == expected


def test_services_share_the_platforms_that_have_no_team_by_their_type(api: RunningApi, database: str) -> None:
    """Each by the name alone: telegram in any case is public, whatever else is private."""
    public, private = ["TELEGRAM", "TeleGram", "telegram"], ["", "acme", "internal", "telegram ", "telegrams"]
    for platform in public + private:
        add_session(database, platform, "u", messages=[{"content": platform}])
    document = "{ sessions { totalCount nodes { platform history { content } messages { totalCount } } } }"
    for key, platforms in ((TELEGRAM_KEY, public), (INTERNAL_KEY, private)):
        shown = api.by(key).execute(document)["sessions"]
        assert sorted(node["platform"] for node in shown["nodes"]) == platforms
        assert shown["totalCount"] == len(platforms)
        for node in shown["nodes"]:
            assert node["history"] == [{"content": node["platform"]}]
            assert node["messages"] == {"totalCount": 1}


def test_a_key_that_no_longer_works_sees_nothing(api: RunningApi, database: str) -> None:
    (team,) = populate(database, keys=0)
    (inactive,) = populate(database, platform_name="off", display_name="off", is_active=False, keys=1)
    revoked = add_key(database, team.id, is_active=False)
    for key in (revoked, inactive.keys[0].secret, "nonsense"):
        response = api.by(key).post("{ viewer { kind } }")
        assert response.status_code == 401
        assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
