"""A session of a team is its key's who opened it; the team's other keys learn that it is not theirs, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.schema.sessions.documents import SERVING, opened, response, run, say, succeed
from tests.schema.sessions.reading import show
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.ids import encoded
from tests.schema.teams.rows import rows, unchanged
from tests.schema.world import TeamRow, add_session, populate

if TYPE_CHECKING:
    from tests.running_api import RunningApi

REFUSED = {
    "__typename": "SessionOwnedByAnotherKey",
    "message": "Another API key of the team opened this session, and only that key may serve it.",
}
ROTATE = """mutation ($id: ID!, $overlap: Int!) { result: rotateApiKey(input: {id: $id, overlapSeconds: $overlap}) {
    ... on RotateApiKeySuccess { issuedApiKey { secret } } } }"""


@pytest.fixture
def team(database: str) -> TeamRow:
    """A team with two keys and no session."""
    (made,) = populate(database, sessions=0, platform_type="private")
    return made


def test_another_key_of_the_team_may_not_open_it(api: RunningApi, database: str, team: TeamRow) -> None:
    owner, other = (api.by(key.secret) for key in team.keys)
    session = opened(owner, platform="web")
    say(owner, session["id"], "for the owner")
    with unchanged(database):
        assert run(other, "openSession", platform="web", userId="u") == REFUSED
    assert opened(owner, platform="web")["apiKey"] == {"id": team.keys[0].node_id}


def test_a_refusal_says_nothing_of_the_owner_or_the_session(api: RunningApi, team: TeamRow) -> None:
    owner, other = (api.by(key.secret) for key in team.keys)
    session = opened(owner, platform="web", userId="user-of-the-owner")
    answer = response(other, "openSession", platform="web", userId="user-of-the-owner")
    prefix = api.by(team.keys[0].secret).execute("{ viewer { name } }")["viewer"]["name"]
    assert answer.json()["data"] == {"result": REFUSED}
    everything = answer.text + str(answer.headers)
    for told in (prefix, session["id"], session["sessionId"], "user-of-the-owner"):
        assert told not in everything


def test_a_closed_session_stays_its_owners(api: RunningApi, database: str, team: TeamRow) -> None:
    owner, other = (api.by(key.secret) for key in team.keys)
    session = opened(owner, platform="web")
    succeed(owner, "closeSession", sessionId=session["id"])
    with unchanged(database):
        assert run(other, "openSession", platform="web", userId="u") == REFUSED
    again = succeed(owner, "openSession", platform="web", userId="u")
    assert (again["created"], again["session"]["id"]) == (False, session["id"])
    assert again["session"]["apiKey"] == {"id": team.keys[0].node_id}


def test_a_key_that_was_revoked_still_owns_its_sessions(api: RunningApi, database: str, team: TeamRow) -> None:
    """Else revoking a key would hand its conversations to whoever holds another."""
    opened(api.by(team.keys[0].secret), platform="web")
    api.execute(f'mutation {{ revokeApiKey(input: {{id: "{team.keys[0].node_id}"}}) {{ __typename }} }}')
    with unchanged(database):
        assert run(api.by(team.keys[1].secret), "openSession", platform="web", userId="u") == REFUSED


@pytest.mark.parametrize("overlap", [0, 60])
def test_rotation_keeps_ownership(api: RunningApi, team: TeamRow, overlap: int) -> None:
    before, other = team.keys
    session = opened(api.by(before.secret), platform="web")
    rotated = api.execute(ROTATE, {"id": before.node_id, "overlap": overlap})["result"]["issuedApiKey"]["secret"]
    # The old secret stands for the same key for as long as it works, and for nothing afterwards.
    working = [rotated, before.secret] if overlap else [rotated]
    for secret in working:
        again = opened(api.by(secret), platform="web")
        assert (again["id"], again["apiKey"]) == (session["id"], {"id": before.node_id})
        say(api.by(secret), session["id"], "still mine")
    assert (response(api.by(before.secret), "openSession", userId="u").status_code == 401) is (overlap == 0)
    assert run(api.by(other.secret), "openSession", platform="web", userId="u") == REFUSED


def test_an_admin_may_open_any_session_and_takes_none(api: RunningApi, team: TeamRow) -> None:
    session = opened(api.by(team.keys[0].secret), platform="web")
    by_admin = succeed(api, "openSession", platform="web", userId="u", teamId=team.node_id)
    assert (by_admin["created"], by_admin["session"]["id"]) == (False, session["id"])
    assert by_admin["session"]["apiKey"] == {"id": team.keys[0].node_id}


def test_a_session_that_nobody_owns_is_the_first_keys_that_opens_it(
    api: RunningApi, database: str, team: TeamRow
) -> None:
    by_admin = opened(api, platform="web", teamId=team.node_id)
    older = add_session(database, "web", "older", team=team.id)
    assert by_admin["apiKey"] is None
    for user, session in (("u", by_admin["id"]), ("older", older)):
        taken = opened(api.by(team.keys[1].secret), platform="web", userId=user)
        assert (taken["id"], taken["apiKey"]) == (session, {"id": team.keys[1].node_id})
        assert run(api.by(team.keys[0].secret), "openSession", platform="web", userId=user) == REFUSED
        assert opened(api, platform="web", userId=user, teamId=team.node_id)["apiKey"] == taken["apiKey"]


@pytest.mark.parametrize("mutation", SERVING)
def test_serving_a_session_that_nobody_owns_does_not_take_it(api: RunningApi, team: TeamRow, mutation: str) -> None:
    session = opened(api, platform="web", teamId=team.node_id)["id"]
    for key in team.keys:
        succeed(api.by(key.secret), mutation, sessionId=session, **SERVING[mutation])
    assert show(api, session, "apiKey { id }") == {"apiKey": None}


@pytest.mark.parametrize("unowned", [False, True], ids=["new", "owned by nobody"])
def test_of_two_keys_at_once_exactly_one_owns_the_session(
    api: RunningApi, database: str, team: TeamRow, *, unowned: bool
) -> None:
    for number in range(10):
        user = f"user {number}"
        if unowned:
            opened(api, platform="web", userId=user, teamId=team.node_id)

        def call(place: int, user: str = user) -> dict[str, Any]:
            return outcome(
                api.by(team.keys[place % 2].secret),
                "openSession",
                "... on OpenSessionSuccess { created session { apiKey { id } } }",
                platform="web",
                userId=user,
            )

        results = at_once(6, call)
        (owner,) = rows(database, "SELECT api_key_id FROM chat_sessions WHERE user_id = $1", user)
        assert owner["api_key_id"] in {key.id for key in team.keys}
        for place, result in enumerate(results):
            key = team.keys[place % 2]
            if key.id == owner["api_key_id"]:
                assert result["session"]["apiKey"] == {"id": encoded(f"ApiKey:{key.id}")}
            else:
                assert result == {"__typename": REFUSED["__typename"]}
        assert [result.get("created") for result in results].count(True) == (0 if unowned else 1)
