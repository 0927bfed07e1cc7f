"""A key that reaches for a session of another key of its team: the log names both, and the caller learns nothing."""

from __future__ import annotations

from typing import Any

import pytest

from domain.api_key import digest
from tests.api.processes import ADMIN_KEY, wait_for
from tests.api.runtime_calls import Call, TwoServers

USER = "a-user-whom-the-owner-serves"
SECRET_MESSAGE = "what-was-said-to-the-owner"
REACHING: dict[str, dict[str, Any]] = {
    "openSession": {"platform": "web", "userId": USER},
    "switchSessionModel": {"model": "openai/gpt-4.1"},
    "appendMessages": {"messages": [{"role": "USER", "content": SECRET_MESSAGE}]},
    "clearSessionHistory": {},
    "closeSession": {},
}


def security_events(servers: TwoServers) -> list[dict[str, Any]]:
    """Give what both processes logged as events of security."""
    return [event for event in servers.events() if "security_event" in event]


def requests(servers: TwoServers, request_id: str) -> list[dict[str, Any]]:
    """Give the line that is written of each request, where it is."""
    return [line for line in servers.events() if line["event"] == "request" and line["request_id"] == request_id]


@pytest.mark.parametrize("mutation", REACHING)
def test_reaching_for_anothers_session_is_an_event_with_both_prefixes(servers: TwoServers, mutation: str) -> None:
    _, (owner, other) = servers.team_with_keys(f"reaching by {mutation}")
    session = servers.opened(USER, owner["secret"])
    given = REACHING[mutation] if mutation == "openSession" else {"sessionId": session, **REACHING[mutation]}
    before = len(security_events(servers))
    result = servers.run(Call(other["secret"], mutation, given, "... on UserError { message }"))
    expected = "SessionOwnedByAnotherKey" if mutation == "openSession" else "SessionNotFound"
    assert result["__typename"] == expected
    events = security_events(servers)[before:]
    assert len(events) == 1
    event = events[0]
    assert event["level"] == "warning"
    assert event["security_event"] == "session_owned_by_another_key"
    assert (event["caller_key"], event["owner_key"]) == (other["secret"][:12], owner["secret"][:12])
    # By its request it is found with the line that says who called; that is written when the answer is out.
    (request,) = wait_for(lambda: requests(servers, event["request_id"]), "the line of the request")
    assert request["viewer"] == other["secret"][:12]


@pytest.mark.parametrize("mutation", REACHING)
def test_neither_the_log_nor_the_answer_tells_a_secret(servers: TwoServers, mutation: str) -> None:
    _, (owner, other) = servers.team_with_keys(f"secrets by {mutation}")
    session = servers.opened(USER, owner["secret"])
    given = REACHING[mutation] if mutation == "openSession" else {"sessionId": session, **REACHING[mutation]}
    call = Call(other["secret"], mutation, given, "... on UserError { message }")
    answer = servers.one.post(call.body["query"], call.body["variables"], key=call.key)
    for told in (owner["secret"][:12], owner["apiKey"]["id"], session, USER, SECRET_MESSAGE):
        assert told not in answer.text + str(answer.headers)
    said = servers.one.said + servers.other.said
    for issued in (owner, other):
        for secret in (issued["secret"], issued["secret"][12:], digest(issued["secret"])):
            assert secret not in said
    assert SECRET_MESSAGE not in said


def test_what_is_allowed_or_not_there_is_no_event(servers: TwoServers) -> None:
    team, (owner, other) = servers.team_with_keys("no event")
    session = servers.opened(USER, owner["secret"])
    before = len(security_events(servers))
    calls = [
        Call(key, mutation, given if mutation == "openSession" else {"sessionId": session, **given})
        for key in (owner["secret"], ADMIN_KEY)
        for mutation, given in REACHING.items()
    ]
    calls += [Call(ADMIN_KEY, "openSession", {**REACHING["openSession"], "teamId": team})]
    calls += [Call(other["secret"], "closeSession", {"sessionId": "U2Vzc2lvbjo5OTk5OTk="})]
    for call in calls:
        servers.run(call)
    assert security_events(servers)[before:] == []


def test_a_key_of_another_team_is_no_event_either(servers: TwoServers) -> None:
    """It reached for nothing that it could know of."""
    _, (owner, _) = servers.team_with_keys("own team")
    _, (stranger, _) = servers.team_with_keys("another team")
    session = servers.opened(USER, owner["secret"])
    before = len(security_events(servers))
    for mutation, given in REACHING.items():
        if mutation != "openSession":
            call = Call(stranger["secret"], mutation, {"sessionId": session, **given})
            assert servers.run(call) == {"__typename": "SessionNotFound"}
    assert security_events(servers)[before:] == []
