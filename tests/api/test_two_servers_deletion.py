"""A team that is deleted while its runtimes go on: each call succeeds or is refused, and nothing is left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.processes import ADMIN_KEY
from tests.api.runtime_calls import UNAUTHENTICATED, Call, TwoServers
from tests.schema.teams.rows import row_id, value

if TYPE_CHECKING:
    from collections.abc import Callable

MESSAGES = [{"role": "USER", "content": f"{number}"} for number in range(5)]
USERS = [f"user {number}" for number in range(4)]
LEFT = (
    "SELECT (SELECT count(*) FROM teams WHERE id = $1)"
    " + (SELECT count(*) FROM api_keys WHERE team_id = $1)"
    " + (SELECT count(*) FROM chat_sessions WHERE team_id = $1)"
    " + (SELECT count(*) FROM messages WHERE team_id = $1)"
    " + (SELECT count(*) FROM usage_logs WHERE team_id = $1)"
    " + (SELECT coalesce(sum(requests), 0) FROM usage_totals WHERE team_id = $1)::bigint"
)
# What a call may come to besides success, once the team is gone: to a key nothing works, to an admin nothing is there.
GONE = {"UNAUTHENTICATED", "TeamNotFound", "SessionNotFound"}

Runtime = tuple[str, dict[str, Any]]
CALLS: dict[str, Callable[[str, int], Runtime]] = {
    "opening": lambda _, number: ("openSession", {"platform": "web", "userId": USERS[number % 4]}),
    "opening a new one": lambda _, number: ("openSession", {"platform": "web", "userId": f"new {number // 2}"}),
    "storing": lambda session, _: ("appendMessages", {"sessionId": session, "messages": MESSAGES}),
    "clearing": lambda session, _: ("clearSessionHistory", {"sessionId": session}),
    "switching": lambda session, _: ("switchSessionModel", {"sessionId": session, "model": "openai/gpt-4.1"}),
    "recording": lambda session, _: ("recordUsage", {"sessionId": session, "model": "m", "success": True}),
    "asking": lambda session, _: ("admitRequest", {"sessionId": session}),
    "closing": lambda session, _: ("closeSession", {"sessionId": session}),
}
ROUNDS = 4


@pytest.mark.parametrize("by", ["key", "admin"])
@pytest.mark.parametrize("what", [*CALLS, "all of it"])
def test_nothing_is_left_and_nobody_waits_for_each_other(
    servers: TwoServers, module_database: str, what: str, by: str
) -> None:
    kinds = list(CALLS) if what == "all of it" else [what]
    for number in range(ROUNDS):
        team, (key, _) = servers.team_with_keys(f"{what} by {by}, {number}")
        sessions = [servers.opened(user, key["secret"]) for user in USERS]
        caller = key["secret"] if by == "key" else ADMIN_KEY
        calls = []
        for place in range(24):
            mutation, given = CALLS[kinds[place % len(kinds)]](sessions[place % 4], place)
            if by == "admin" and mutation == "openSession":
                given = {**given, "teamId": team}
            calls.append(Call(caller, mutation, given))
        # In the midst of the others, each time a little later.
        deletion = Call(ADMIN_KEY, "deleteTeam", {"id": team, "force": True})
        calls.insert(6 + 4 * number, deletion)
        results = servers.at_once(calls)
        for call, result in zip(calls, results, strict=True):
            kind = result["__typename"]
            assert kind.endswith("Success") or (kind in GONE and call is not deletion), (call, result)
            assert by == "key" or result != UNAUTHENTICATED
        assert value(module_database, LEFT, row_id(team)) == 0
