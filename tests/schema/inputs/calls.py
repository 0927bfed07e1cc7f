"""A call for every field that takes arguments, with arguments that work."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from tests.schema.inputs.places import Call

if TYPE_CHECKING:
    from tests.schema.world import TeamRow

_numbers = itertools.count(1)


def calls(team: TeamRow) -> dict[str, Call]:
    """Give the calls by the coordinates of their fields. Unique names are new each time."""
    number = next(_numbers)
    session, key = team.sessions[0].node_id, team.keys[0].node_id
    in_team = f'node(id: "{team.node_id}") {{ ... on Team {{ %s }} }}'
    in_session = f'node(id: "{session}") {{ ... on Session {{ %s }} }}'
    of_session = Call({"input": {"sessionId": session}})
    return {
        "Query.node": Call({"id": team.node_id}),
        "Query.nodes": Call({"ids": [team.node_id]}),
        "Query.team": Call({"by": {"id": team.node_id}}),
        "Query.teams": Call({}),
        "Query.platformConfig": Call({"platform": team.platform_name}),
        "Query.platformDefaults": Call({"platformType": "PUBLIC"}),
        "Query.session": Call({"by": {"key": {"platform": "p", "userId": "u"}}}),
        "Query.sessions": Call({}),
        "Query.admission": Call({"sessionId": session}),
        "Team.apiKeys": Call({}, in_team),
        "Team.sessions": Call({}, in_team),
        "Team.usage": Call({}, in_team),
        "Session.messages": Call({}, in_session),
        "Mutation.createTeam": Call(
            {
                "input": {
                    "displayName": f"display {number}",
                    "platformName": f"platform {number}",
                    "overrides": {"availableModels": ["m"]},
                }
            }
        ),
        "Mutation.updateTeam": Call({"input": {"id": team.node_id}}),
        "Mutation.updateTeamOverrides": Call(
            {"input": {"id": team.node_id, "overrides": {"availableModels": ["m"], "defaultModel": None}}}
        ),
        "Mutation.deleteTeam": Call({"input": {"id": team.node_id}}),
        "Mutation.issueApiKey": Call({"input": {"teamId": team.node_id, "name": "k"}}),
        "Mutation.rotateApiKey": Call({"input": {"id": key}}),
        "Mutation.revokeApiKey": Call({"input": {"id": key}}),
        "Mutation.openSession": Call({"input": {"userId": "u", "platform": "web", "teamId": team.node_id}}),
        "Mutation.switchSessionModel": Call({"input": {"sessionId": session, "model": "m"}}),
        "Mutation.appendMessages": Call(
            {"input": {"sessionId": session, "messages": [{"role": "USER", "content": "Hello!"}]}}
        ),
        "Mutation.clearSessionHistory": of_session,
        "Mutation.closeSession": of_session,
        "Mutation.recordUsage": Call({"input": {"sessionId": session, "model": "m", "success": True}}),
        "Mutation.admitRequest": of_session,
    }
