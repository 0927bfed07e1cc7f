"""The documents by which tests open and serve sessions: one for each mutation, selecting all that may come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.schema.teams.documents import type_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from tests.running_api import RunningApi

MODEL = "openai/gpt-4.1"
"""A model that private platforms offer and that is not their default."""

MESSAGE = "id role content createdAt clearedAt"
SESSION = f"""
    id sessionId platform userId createdAt lastActivityAt currentModel isAdmin isActive totalMessageCount
    team {{ id }} apiKey {{ id }}
    effectiveConfig {{ platformType model availableModels rateLimit maxHistory allowModelSwitch }}
    history {{ {MESSAGE} }}
"""
_REFUSALS = {
    "InvalidInput": "problems { path code message }",
    "ModelNotAvailable": "model availableModels",
}
RESULTS = {
    "openSession": (
        f"created session {{ {SESSION} }}",
        {"InvalidInput", "TeamNotFound", "TeamInactive", "SessionOwnedByAnotherKey"},
    ),
    "switchSessionModel": (
        f"session {{ {SESSION} }}",
        {"SessionNotFound", "ModelSwitchNotAllowed", "ModelNotAvailable"},
    ),
    "appendMessages": (f"session {{ {SESSION} }} messages {{ {MESSAGE} }}", {"InvalidInput", "SessionNotFound"}),
    "clearSessionHistory": (f"clearedMessages session {{ {SESSION} }}", {"SessionNotFound"}),
    "closeSession": ("closedSessionId", {"SessionNotFound"}),
}
"""What is selected of each mutation's success, and how it may be refused."""

SERVING: Mapping[str, Mapping[str, Any]] = {
    "switchSessionModel": {"model": MODEL},
    "appendMessages": {"messages": [{"role": "USER", "content": "Hello"}]},
    "clearSessionHistory": {},
    "closeSession": {},
}
"""The mutations that serve a session by its id, each with the rest of an input that it accepts."""


def document(mutation: str) -> str:
    """Give the document that runs a mutation on `$input`."""
    success, refusals = RESULTS[mutation]
    parts = [
        "__typename",
        f"... on {type_name(mutation)}Success {{ {success} }}",
        "... on UserError { message }",
        *(f"... on {refusal} {{ {_REFUSALS[refusal]} }}" for refusal in sorted(refusals) if refusal in _REFUSALS),
    ]
    return (
        f"mutation ($input: {type_name(mutation)}Input!)"
        f" {{ result: {mutation}(input: $input) {{ {' '.join(parts)} }} }}"
    )


def run(api: RunningApi, mutation: str, /, **given: Any) -> dict[str, Any]:
    """Run a mutation and give its result."""
    result: dict[str, Any] = api.execute(document(mutation), {"input": given})["result"]
    return result


def response(api: RunningApi, mutation: str, /, **given: Any) -> httpx.Response:
    """Run a mutation and give the whole response."""
    return api.post(document(mutation), {"input": given})


def succeed(api: RunningApi, mutation: str, /, **given: Any) -> dict[str, Any]:
    """Run a mutation that has to succeed, and give its success."""
    result = run(api, mutation, **given)
    assert result["__typename"] == f"{type_name(mutation)}Success", result
    return result


def opened(api: RunningApi, **given: Any) -> dict[str, Any]:
    """Open a session that has to be opened, and give it."""
    session: dict[str, Any] = succeed(api, "openSession", **{"userId": "u", **given})["session"]
    return session


def say(api: RunningApi, session: str, *contents: str) -> dict[str, Any]:
    """Store messages of the user, and give the success."""
    messages = [{"role": "USER", "content": content} for content in contents]
    return succeed(api, "appendMessages", sessionId=session, messages=messages)


def contents(messages: list[dict[str, Any]]) -> list[str]:
    """Give what messages say."""
    return [message["content"] for message in messages]
