"""What is measured, in the words of the program's schema, of the hand-written endpoint and of PostGraphile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.side_by_side.data import END, FIRST_DAY, TEAMS_MINIMUM, platform_name
from benchmarks.side_by_side.requests import NUMBER, Requests, counted, get, graphql, post
from schema.node import global_id

if TYPE_CHECKING:
    from collections.abc import Mapping

GRAPHQL: Final = "graphql"
HANDWRITTEN: Final = "handwritten"
POSTGRAPHILE: Final = "postgraphile"

_CONFIGURATION: Final = "model availableModels rateLimit maxHistory allowModelSwitch requiresAuth commands"
THIRTEEN: Final = f"id displayName platformName platformType isActive revision effectiveConfig {{ {_CONFIGURATION} }}"
THREE: Final = "id displayName effectiveConfig { model }"
SESSION: Final = "id sessionId platform userId createdAt lastActivityAt"
API_KEY: Final = "id name prefix isActive createdAt expiresAt"
_DAY: Final = "requests successes tokens estimatedCost"
USAGE: Final = f"from to failures averageResponseMs {_DAY} byDay {{ day {_DAY} }}"

# PostGraphile names rows, their ids and its functions in its own way; postgraphile.py says how they correspond.
_ITS_THIRTEEN: Final = THIRTEEN.replace("id ", "rowId ", 1)
_ITS_THREE: Final = THREE.replace("id ", "rowId ", 1)
_ITS_SESSION: Final = SESSION.replace("id ", "rowId ", 1)
_ITS_API_KEY: Final = API_KEY.replace("id ", "rowId ", 1).replace("prefix", "keyPrefix")

CHANGED_TEAMS: Final = 200
"""Teams that take turns in being changed, so that concurrent changes are seldom of the same one."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What is asked, of each kind of server.

    Of `masked` fields the answers differ from one request to the next: random, or counted by the database.
    """

    requests: Mapping[str, Requests]
    masked: frozenset[str] = frozenset()
    changes: bool = False


def _one_team() -> Operation:
    names = [platform_name(number) for number in range(1, TEAMS_MINIMUM + 1)]
    variables = [{"name": name} for name in names]
    return Operation(
        {
            GRAPHQL: graphql(
                f"query Team($name: String!) {{ team(by: {{ platformName: $name }}) {{ {THIRTEEN} }} }}", *variables
            ),
            HANDWRITTEN: get(*(f"/team?platformName={name}" for name in names)),
            POSTGRAPHILE: graphql(
                f"query Team($name: String!) {{ teamByPlatformName(platformName: $name) {{ {_ITS_THIRTEEN} }} }}",
                *variables,
            ),
        }
    )


def _list(first: int, path: str, fields: str = THIRTEEN, its_fields: str = _ITS_THIRTEEN) -> Operation:
    page = "pageInfo { hasNextPage endCursor }"
    return Operation(
        {
            GRAPHQL: graphql(
                f"query Teams($first: Int!) {{ teams(first: $first) {{ nodes {{ {fields} }} {page} }} }}",
                {"first": first},
            ),
            HANDWRITTEN: get(f"{path}?first={first}"),
            POSTGRAPHILE: graphql(
                "query Teams($first: Int!) { allTeams(first: $first, orderBy: [DISPLAY_NAME_ASC])"
                f" {{ nodes {{ {its_fields} }} {page} }} }}",
                {"first": first},
            ),
        },
        masked=frozenset({"endCursor"}),
    )


def _with_sessions_and_keys() -> Operation:
    return _list(
        100,
        "/teams/with-sessions-and-keys",
        f"{THIRTEEN} sessions(first: 5) {{ nodes {{ {SESSION} }} }} apiKeys(first: 2) {{ nodes {{ {API_KEY} }} }}",
        f"{_ITS_THIRTEEN}"
        " chatSessionsByTeamId(first: 5, orderBy: [LAST_ACTIVITY_AT_DESC, ROW_ID_DESC])"
        f" {{ nodes {{ {_ITS_SESSION} }} }}"
        f" apiKeysByTeamId(first: 2, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {{ nodes {{ {_ITS_API_KEY} }} }}",
    )


def _usage() -> Operation:
    variables = [
        {"name": platform_name(number), "from": f"{FIRST_DAY}T00:00:00Z", "to": f"{END}T00:00:00Z"}
        for number in range(1, TEAMS_MINIMUM + 1)
    ]
    return Operation(
        {
            GRAPHQL: graphql(
                "query Usage($name: String!, $from: DateTime!, $to: DateTime!) { team(by: { platformName: $name })"
                f" {{ usage(from: $from, to: $to) {{ {USAGE} }} }} }}",
                *variables,
            ),
            HANDWRITTEN: get(*(f"/usage?platformName={each['name']}&from={FIRST_DAY}&to={END}" for each in variables)),
            POSTGRAPHILE: graphql(
                "query Usage($name: String!, $first: Date!, $end: Date!) { teamByPlatformName(platformName: $name)"
                f" {{ usage(first: $first, end: $end) {{ {USAGE} }} }} }}",
                *({"name": each["name"], "first": str(FIRST_DAY), "end": str(END)} for each in variables),
            ),
        }
    )


def _never_seen() -> Operation:
    name = platform_name(1)
    return Operation(
        {
            GRAPHQL: graphql(f'{{ seen{NUMBER}: team(by: {{ platformName: "{name}" }}) {{ {THIRTEEN} }} }}'),
            # To a route no request is new.
            HANDWRITTEN: get(f"/team?platformName={name}"),
            POSTGRAPHILE: graphql(
                f'{{ seen{NUMBER}: teamByPlatformName(platformName: "{name}") {{ {_ITS_THIRTEEN} }} }}'
            ),
        }
    )


def _create_team() -> Operation:
    wanted = {
        # Behind all others, so that lists stay what they are.
        "displayName": f"Zz made {NUMBER}",
        "platformName": f"zz-made-{NUMBER}",
        "platformType": "PRIVATE",
        "monthlyQuota": 100_000,
        "dailyQuota": 5_000,
        "overrides": {"rateLimit": 120, "maxHistory": 50},
    }
    return Operation(
        {
            GRAPHQL: graphql(
                "mutation Create($input: CreateTeamInput!) { createTeam(input: $input) { __typename"
                f" ... on CreateTeamSuccess {{ team {{ {THIRTEEN} }} issuedApiKey {{ secret }} }}"
                " ... on UserError { message } } }",
                {"input": wanted},
            ),
            HANDWRITTEN: post("/create-team", wanted),
            POSTGRAPHILE: graphql(
                "mutation Create($input: CreateTeamWithKeyInput!) { createTeamWithKey(input: $input)"
                f" {{ result {{ team {{ {_ITS_THIRTEEN} }} secret }} }} }}",
                {
                    "input": {
                        **{name: value for name, value in wanted.items() if name != "overrides"},
                        "rateLimit": 120,
                        "maxHistory": 50,
                    }
                },
            ),
        },
        masked=frozenset({"id", "secret"}),
        changes=True,
    )


def _update_team_overrides() -> Operation:
    # With 900 and 59 values, ten million requests go by before a team is asked for the same again. So each changes
    # something, also where some overtake others.
    change = {"rateLimit": counted(101, 1000), "maxHistory": counted(42, 100)}
    teams = range(1, CHANGED_TEAMS + 1)
    return Operation(
        {
            GRAPHQL: graphql(
                "mutation Change($input: UpdateTeamOverridesInput!) { updateTeamOverrides(input: $input) { __typename"
                f" ... on UpdateTeamOverridesSuccess {{ team {{ {THIRTEEN} }} }} ... on UserError {{ message }} }} }}",
                *({"input": {"id": global_id("Team", team), "overrides": change}} for team in teams),
            ),
            HANDWRITTEN: post(
                "/update-team-overrides",
                *({"id": global_id("Team", team), "overrides": change} for team in teams),
            ),
            POSTGRAPHILE: graphql(
                "mutation Change($input: UpdateTeamOverridesInput!) { updateTeamOverrides(input: $input)"
                f" {{ result {{ {_ITS_THIRTEEN} }} }} }}",
                *({"input": {"teamId": team, **change}} for team in teams),
            ),
        },
        masked=frozenset({"revision"}),
        changes=True,
    )


OPERATIONS: Final[Mapping[str, Operation]] = {
    "one team": _one_team(),
    "10 teams": _list(10, "/teams"),
    "50 teams": _list(50, "/teams"),
    "100 teams": _list(100, "/teams"),
    "100 teams, sessions, keys": _with_sessions_and_keys(),
    "usage of 30 days": _usage(),
    "100 teams, 3 fields of 13": _list(100, "/teams/names-and-models", THREE, _ITS_THREE),
    "a document never seen": _never_seen(),
    "createTeam": _create_team(),
    "updateTeamOverrides": _update_team_overrides(),
}
