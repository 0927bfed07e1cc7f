"""The documents by which tests change teams, their overrides and their keys: one for each mutation, selecting all."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.running_api import RunningApi

OVERRIDES = "rateLimit maxHistory defaultModel availableModels allowModelSwitch"
EFFECTIVE_CONFIG = """
    platformType model availableModels rateLimit maxHistory allowModelSwitch requiresAuth commands
    resolution { setting value source isRedundant layers { source isSet value } }
    violations { code setting message }
"""
TEAM = f"""
    id displayName platformName platformType monthlyQuota dailyQuota isActive revision createdAt updatedAt
    overrides {{ {OVERRIDES} }}
    effectiveConfig {{ {EFFECTIVE_CONFIG} }}
"""
API_KEY = """
    id name prefix description monthlyQuota dailyQuota isActive createdBy createdAt lastUsedAt expiresAt team { id }
"""
ISSUED_API_KEY = f"apiKey {{ {API_KEY} }} secret warning"
QUOTA = "daily { limit used remaining resetsAt } monthly { limit used remaining resetsAt }"
ADMISSION = "allowed reasons bindingLimit { kind limit used remaining resetsAt }"

_REFUSALS = {
    "InvalidInput": "problems { path code message }",
    "TeamNotFound": "",
    "SessionNotFound": "",
    "ApiKeyNotFound": "",
    "PlatformNameTaken": "platformName",
    "DisplayNameTaken": "displayName",
    "TeamHasActiveApiKeys": "activeApiKeys",
    "RevisionConflict": f"expectedRevision currentRevision team {{ {TEAM} }}",
    "ModelNotAvailable": "model availableModels",
}
_RESULTS = {
    "createTeam": (
        f"team {{ {TEAM} }} issuedApiKey {{ {ISSUED_API_KEY} }}",
        ("InvalidInput", "PlatformNameTaken", "DisplayNameTaken", "ModelNotAvailable"),
    ),
    "updateTeam": (
        f"team {{ {TEAM} }}",
        ("InvalidInput", "TeamNotFound", "DisplayNameTaken", "RevisionConflict", "ModelNotAvailable"),
    ),
    "updateTeamOverrides": (
        f"team {{ {TEAM} }}",
        ("InvalidInput", "TeamNotFound", "RevisionConflict", "ModelNotAvailable"),
    ),
    "deleteTeam": ("deletedTeamId", ("TeamNotFound", "TeamHasActiveApiKeys", "RevisionConflict")),
    "issueApiKey": (f"issuedApiKey {{ {ISSUED_API_KEY} }}", ("InvalidInput", "TeamNotFound")),
    "rotateApiKey": (
        f"issuedApiKey {{ {ISSUED_API_KEY} }} previousSecretExpiresAt",
        ("InvalidInput", "ApiKeyNotFound"),
    ),
    "recordUsage": (f"quota {{ {QUOTA} }}", ("InvalidInput", "SessionNotFound")),
    "admitRequest": (f"admission {{ {ADMISSION} }}", ("SessionNotFound",)),
    "revokeApiKey": (f"apiKey {{ {API_KEY} }}", ("ApiKeyNotFound",)),
}


def type_name(mutation: str) -> str:
    """Give the name that a mutation's types begin with."""
    return mutation[0].upper() + mutation[1:]


def selection(mutation: str) -> str:
    """Select all that may come of a mutation."""
    success, refusals = _RESULTS[mutation]
    return "\n".join(
        [
            "__typename",
            f"... on {type_name(mutation)}Success {{ {success} }}",
            "... on UserError { message }",
            *(f"... on {refusal} {{ {_REFUSALS[refusal]} }}" for refusal in refusals if _REFUSALS[refusal]),
        ]
    )


def document(mutation: str) -> str:
    """Give the document that runs a mutation on `$input`."""
    return (
        f"mutation ($input: {type_name(mutation)}Input!)"
        f" {{ result: {mutation}(input: $input) {{ {selection(mutation)} }} }}"
    )


class Form(Enum):
    """How a value reaches an input: these take different ways through a server."""

    LITERAL = "literal"
    VARIABLE = "variable"
    WHOLE_INPUT = "whole input as a variable"


class Name(str):
    """The name of an enum's value: without quotes where it is a literal."""

    __slots__ = ()


def literal(value: object) -> str:
    """Write a value as GraphQL does."""
    match value:
        case Name():
            return value
        case dict():
            return "{" + ", ".join(f"{key}: {literal(entry)}" for key, entry in value.items()) + "}"
        case list():
            return "[" + ", ".join(literal(entry) for entry in value) + "]"
    return json.dumps(value)


def run(api: RunningApi, mutation: str, /, **given: Any) -> dict[str, Any]:
    """Run a mutation and give its result."""
    result: dict[str, Any] = api.execute(document(mutation), {"input": given})["result"]
    return result


def run_with(
    api: RunningApi,
    mutation: str,
    form: Form,
    *,
    fixed: Mapping[str, Any],
    field: str,
    field_type: str,
    within: str | None = None,
    **given: Any,
) -> dict[str, Any]:
    """Run a mutation with one field in a certain form; the field is absent where `value` is not given.

    The field lies in the input object `within`, or at the input's root.
    """
    if form is Form.WHOLE_INPUT:
        part = {field: given["value"]} if "value" in given else {}
        return run(api, mutation, **fixed, **({within: part} if within else part))
    entries = [f"{name}: {literal(value)}" for name, value in fixed.items()]
    if form is Form.LITERAL:
        part_literal = f"{field}: {literal(given['value'])}" if "value" in given else ""
    else:
        part_literal = f"{field}: $value"
    entries.append(f"{within}: {{ {part_literal} }}" if within else part_literal)
    text = f"{{ result: {mutation}(input: {{ {' '.join(entries)} }}) {{ {selection(mutation)} }} }}"
    operation = f"mutation ($value: {field_type}) {text}" if form is Form.VARIABLE else f"mutation {text}"
    result: dict[str, Any] = api.execute(operation, given if form is Form.VARIABLE else {})["result"]
    return result


def create(api: RunningApi, name: str = "acme", **given: Any) -> dict[str, Any]:
    """Create a team of any name and give the success."""
    result = run(api, "createTeam", **{"displayName": f"Team {name}", "platformName": name, **given})
    assert result["__typename"] == "CreateTeamSuccess", result
    return result


def team_of(api: RunningApi, team_id: str) -> dict[str, Any] | None:
    """Read a team."""
    team: dict[str, Any] | None = api.execute(
        f"query ($id: ID!) {{ team(by: {{ id: $id }}) {{ {TEAM} }} }}", {"id": team_id}
    )["team"]
    return team


def problems_of(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Give path and code of each problem of a refused input."""
    assert result["__typename"] == "InvalidInput", result
    assert all(problem["message"] and problem["message"] in result["message"] for problem in result["problems"])
    return [(".".join(problem["path"]), problem["code"]) for problem in result["problems"]]
