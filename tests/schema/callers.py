"""A world of several callers, and every path by which one of them could reach what is another's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from db.models import UsageLog
from tests.running_api import ADMIN_KEY, INTERNAL_KEY, TELEGRAM_KEY, RunningApi
from tests.schema.world import TeamRow, add, add_session, add_teams, node_id, populate

if TYPE_CHECKING:
    import httpx

NODE = "{ __typename id ... on Team { displayName } ... on Session { userId } ... on Message { content } }"
QUOTA = "quota { daily { limit used } monthly { remaining } }"
TEAM = (
    "{ id displayName overrides { rateLimit } sessions { totalCount } usage { requests byModel { model } }"
    f" {QUOTA} apiKeys {{ totalCount nodes {{ prefix {QUOTA} }} }} }}"
)
SESSION = "{ id userId team { id } apiKey { id } history { content } totalMessageCount }"
SESSIONS = f"{{ totalCount nodes {SESSION} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }}"

# Every way to a thing that a caller may or may not see, by an id or a name; the variables are declared by `document`.
PATHS = {
    "node, a team": f"node(id: $team) {NODE}",
    "node, a key": f"node(id: $key) {NODE}",
    "node, a session": f"node(id: $session) {NODE}",
    "node, a message": f"node(id: $message) {NODE}",
    "nodes": f"nodes(ids: [$team, $key, $session, $message]) {NODE}",
    "team by id": f"team(by: {{id: $team}}) {TEAM}",
    "team by platformName": f"team(by: {{platformName: $platform}}) {TEAM}",
    "team by displayName": f"team(by: {{displayName: $display}}) {TEAM}",
    "teams, searched": f"teams(filter: {{search: $display}}) {{ totalCount nodes {TEAM} pageInfo {{ endCursor }} }}",
    "session by id": f"session(by: {{id: $session}}) {SESSION}",
    "session by sessionId": f"session(by: {{sessionId: $sessionId}}) {SESSION}",
    "session by key": f"session(by: {{key: {{platform: $sessionPlatform, userId: $user}}}}) {SESSION}",
    "session by key with a team": "session(by: {key: {platform: $platform, userId: $user, teamId: $team}})" + SESSION,
    "sessions of a team": f"sessions(filter: {{teamId: $team}}) {SESSIONS}",
    "sessions of a platform": f"sessions(filter: {{platform: $sessionPlatform}}) {SESSIONS}",
    "sessions of a user": f"sessions(filter: {{userId: $user}}) {SESSIONS}",
    "admission": "admission(sessionId: $session) { allowed reasons bindingLimit { kind limit used } }",
    "platformConfig": "platformConfig(platform: $platform) { foundBy team { id } config { rateLimit } }",
    "own team, sessions of a team": f"viewer {{ team {{ sessions(filter: {{teamId: $team}}) {SESSIONS} }} }}",
    "own team, sessions of a user": f"viewer {{ team {{ sessions(filter: {{userId: $user}}) {SESSIONS} }} }}",
}
FROM_WITHIN = [name for name in PATHS if name.startswith("own team")]

ABSENT = {
    "team": node_id("Team", 999),
    "key": node_id("ApiKey", 999),
    "session": node_id("Session", 999),
    "message": node_id("Message", 999),
    "sessionId": "0" * 32,
    "platform": "nowhere",
    "sessionPlatform": "nowhere",
    "display": "Nobody",
    "user": "nobody",
}


def document(path: str) -> str:
    """Declare the variables that a path uses."""
    names = dict.fromkeys(re.findall(r"\$(\w+)", path))
    types = {name: "ID!" if name in ("team", "key", "session", "message") else "String!" for name in names}
    declared = ", ".join(f"${name}: {type_name}" for name, type_name in types.items())
    return f"query({declared}) {{ {path} }}"


@dataclass
class World:
    """Two teams and two sessions without a team, each thing by the variables of the paths that lead to it."""

    api: RunningApi
    own: TeamRow
    things: dict[str, dict[str, str]]
    callers: dict[str, str]

    def ask(self, caller: str, path: str, things: dict[str, str]) -> httpx.Response:
        """Go a path."""
        query = document(path)
        values = {name: value for name, value in things.items() if f"${name}:" in query}
        return self.api.by(self.callers[caller]).post(query, values)

    def data(self, caller: str, query: str) -> dict[str, Any]:
        """Ask for something that needs no variables."""
        return self.api.by(self.callers[caller]).execute(query)


def make_world(api: RunningApi, database: str) -> World:
    """Make a world in which everything that could be mixed up is there."""
    (own,) = populate(database, platform_name="own", display_name="Own", platform_type="public")
    (other,) = populate(database, platform_name="other", display_name="Other", rate_limit=77)
    # A team that bears the name of a platform of ours.
    add_teams(database, {"platform_name": "telegram", "display_name": "Homonym", "rate_limit": 78})
    for team in (own, other):
        add(
            database,
            UsageLog,
            {
                "team_id": team.id,
                "api_key_id": team.keys[0].id,
                "session_id": "",
                "platform": team.platform_name,
                "model_used": f"model of {team.platform_name}",
            },
        )
    content = [{"content": "secret of another"}]
    of_other = add_session(database, "other", "of-other", team=other.id, messages=content)
    things = {
        "another team": ABSENT
        | {
            "team": other.node_id,
            "key": other.keys[0].node_id,
            "session": of_other,
            "message": other.sessions[0].messages[0],
            "sessionId": other.sessions[0].session_id,
            "platform": "other",
            "sessionPlatform": "other",
            "display": "Other",
            "user": "of-other",
        }
    }
    for platform in ("telegram", "internal"):
        # A key on a session without a team is odd, and no reason to show the key.
        session = add_session(database, platform, f"of-{platform}", messages=content, api_key_id=other.keys[0].id)
        query = f'{{ sessions(filter: {{userId: "of-{platform}"}}) {{ nodes {{ sessionId history {{ id }} }} }} }}'
        (found,) = api.execute(query)["sessions"]["nodes"]
        things[platform] = ABSENT | {
            "session": session,
            "sessionId": found["sessionId"],
            "message": found["history"][0]["id"],
            "sessionPlatform": platform,
            "user": f"of-{platform}",
        }
    things["own team"] = {
        "team": own.node_id,
        "key": own.keys[1].node_id,
        "session": own.sessions[0].node_id,
        "message": own.sessions[0].messages[0],
        "sessionId": own.sessions[1].session_id,
        "platform": "own",
        "sessionPlatform": "own",
        "display": "Own",
        "user": "user-0",
    }
    secrets = {"a team": own.keys[1].secret, "telegram": TELEGRAM_KEY, "internal": INTERNAL_KEY, "admin": ADMIN_KEY}
    return World(api, own, things, secrets)
