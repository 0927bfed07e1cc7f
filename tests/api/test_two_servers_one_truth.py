"""What one process changes holds for the very next request to the other: neither remembers what it read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.api.processes import ADMIN_KEY
from tests.api.runtime_calls import ISSUED, OPENED, UNAUTHENTICATED, Call, TwoServers

if TYPE_CHECKING:
    from collections.abc import Sequence

MODELS = ["openai/gpt-4.1", "x-ai/grok-4"]
SHOWN = "session { isActive currentModel effectiveConfig { rateLimit maxHistory availableModels allowModelSwitch } }"


def hello(session: str) -> dict[str, Any]:
    return {"sessionId": session, "messages": [{"role": "USER", "content": "Hello"}]}


def administer(servers: TwoServers, mutation: str, selection: str = "", **given: Any) -> dict[str, Any]:
    """Change something by the one process."""
    result = servers.run(Call(ADMIN_KEY, mutation, given, selection))
    assert result["__typename"].endswith("Success"), result
    return result


def refused(servers: TwoServers, secret: str, session: str) -> Sequence[bool]:
    """Say for each process whether it refuses a key."""
    calls = [
        Call(secret, "openSession", {"userId": "u", "platform": "web"}),
        Call(secret, "appendMessages", hello(session)),
    ]
    return [
        servers.run(call, by_the_other=by_the_other) == UNAUTHENTICATED
        for by_the_other in (True, False)
        for call in calls
    ]


def test_a_change_of_overrides_holds_for_open_sessions_of_both(servers: TwoServers) -> None:
    team, (key, _) = servers.team_with_keys("overrides")
    sessions = [servers.opened(user, key["secret"]) for user in ("a", "b")]
    for number in range(1, 11):
        limit = 100 + number
        allowed = bool(number % 2)
        models = MODELS[: 1 + number % 2]
        overrides = {"rateLimit": limit, "maxHistory": number, "availableModels": models, "allowModelSwitch": allowed}
        overrides["defaultModel"] = MODELS[0]
        administer(servers, "updateTeamOverrides", id=team, overrides=overrides)
        config = {"rateLimit": limit, "maxHistory": number, "availableModels": models, "allowModelSwitch": allowed}
        for session in sessions:
            call = Call(key["secret"], "appendMessages", hello(session), f"... on AppendMessagesSuccess {{ {SHOWN} }}")
            for by_the_other in (True, False):
                shown = servers.run(call, by_the_other=by_the_other)["session"]
                assert shown["effectiveConfig"] == config
                assert shown["currentModel"] in models
        switch = Call(key["secret"], "switchSessionModel", {"sessionId": sessions[0], "model": MODELS[1]})
        expected = "SwitchSessionModelSuccess" if allowed else "ModelSwitchNotAllowed"
        assert servers.run(switch, by_the_other=True)["__typename"] == expected


def test_a_choice_made_at_one_is_the_sessions_at_the_other(servers: TwoServers) -> None:
    session = servers.opened("choice")
    administer(servers, "switchSessionModel", sessionId=session, model=MODELS[1])
    given = {"platform": "web", "userId": "choice"}
    shown = f"... on OpenSessionSuccess {{ {SHOWN} }}"
    assert (
        servers.run(Call(ADMIN_KEY, "openSession", given, shown), by_the_other=True)["session"]["currentModel"]
        == MODELS[1]
    )


def test_a_session_closed_at_one_is_closed_at_the_other(servers: TwoServers) -> None:
    session = servers.opened("closed")
    administer(servers, "closeSession", sessionId=session)
    shown = Call(ADMIN_KEY, "appendMessages", hello(session), f"... on AppendMessagesSuccess {{ {SHOWN} }}")
    assert servers.run(shown, by_the_other=True)["session"]["isActive"] is False
    opening = Call(ADMIN_KEY, "openSession", {"platform": "web", "userId": "closed"}, OPENED)
    again = servers.run(opening, by_the_other=True)
    assert (again["created"], again["session"]["id"]) == (False, session)
    assert servers.run(shown)["session"]["isActive"] is True


def test_a_key_revoked_at_one_is_refused_by_the_other(servers: TwoServers) -> None:
    _, (key, second) = servers.team_with_keys("revoked")
    session = servers.opened("u", key["secret"])
    assert not any(refused(servers, key["secret"], session))
    administer(servers, "revokeApiKey", id=key["apiKey"]["id"])
    assert all(refused(servers, key["secret"], session))
    assert not any(refused(servers, second["secret"], session))


def test_the_keys_of_a_team_that_rests_are_refused_by_the_other(servers: TwoServers) -> None:
    team, (key, _) = servers.team_with_keys("rests")
    session = servers.opened("u", key["secret"])
    for rests in (True, False):
        administer(servers, "updateTeam", id=team, isActive=not rests)
        assert set(refused(servers, key["secret"], session)) == {rests}
        opening = Call(ADMIN_KEY, "openSession", {"teamId": team, "userId": "u", "platform": "web"})
        expected = "TeamInactive" if rests else "OpenSessionSuccess"
        assert servers.run(opening, by_the_other=True)["__typename"] == expected


def test_a_key_rotated_at_one_serves_its_sessions_by_its_new_secret_at_the_other(servers: TwoServers) -> None:
    _, (key, other_key) = servers.team_with_keys("rotated")
    session = servers.opened("u", key["secret"])
    selection = f"... on RotateApiKeySuccess {{ {ISSUED} }}"
    secret = administer(servers, "rotateApiKey", selection, id=key["apiKey"]["id"])["issuedApiKey"]["secret"]
    assert all(refused(servers, key["secret"], session))
    opening = Call(secret, "openSession", {"platform": "web", "userId": "u"}, OPENED)
    again = servers.run(opening, by_the_other=True)
    assert again["session"] == {"id": session, "apiKey": {"id": key["apiKey"]["id"]}}
    foreign = servers.run(opening._replace(key=other_key["secret"]), by_the_other=True)
    assert foreign == {"__typename": "SessionOwnedByAnotherKey"}


def test_the_session_of_a_team_deleted_at_one_is_gone_at_the_other(servers: TwoServers) -> None:
    team, (key, _) = servers.team_with_keys("deleted")
    session = servers.opened("u", key["secret"])
    administer(servers, "deleteTeam", id=team, force=True)
    assert all(refused(servers, key["secret"], session))
    assert servers.run(Call(ADMIN_KEY, "appendMessages", hello(session)), by_the_other=True) == {
        "__typename": "SessionNotFound"
    }
    opening = Call(ADMIN_KEY, "openSession", {"teamId": team, "userId": "u", "platform": "web"})
    assert servers.run(opening, by_the_other=True) == {"__typename": "TeamNotFound"}
