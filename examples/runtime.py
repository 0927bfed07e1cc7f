"""A chat runtime that lives on this API alone, reduced to what it asks of it.

It talks GraphQL over HTTP with a team's key and needs nothing but Python:

    python examples/runtime.py --key ak_…

A user's conversation goes through its whole life: the session is opened, each request asks for admission before it is
made and records its usage afterwards, the exchange is stored, the context is cleared, the session is closed. The model
is a stand-in that says something itself, so that nothing is spent.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

OPEN = """
mutation Open($userId: String!) {
  openSession(input: { userId: $userId }) {
    __typename
    ... on OpenSessionSuccess {
      created
      session {
        id sessionId platform currentModel totalMessageCount
        history { role content }
        effectiveConfig { maxHistory rateLimit }
      }
    }
    ... on UserError { message }
  }
}"""

ADMIT = """
mutation Admit($sessionId: ID!, $model: String) {
  admitRequest(input: { sessionId: $sessionId, model: $model }) {
    __typename
    ... on AdmitRequestSuccess {
      admission { allowed reasons bindingLimit { kind limit remaining resetsAt } }
    }
    ... on UserError { message }
  }
}"""

APPEND = """
mutation Append($sessionId: ID!, $messages: [MessageInput!]!) {
  appendMessages(input: { sessionId: $sessionId, messages: $messages }) {
    __typename
    ... on AppendMessagesSuccess { session { totalMessageCount history { role content } } }
    ... on UserError { message }
  }
}"""

RECORD = """
mutation Record($input: RecordUsageInput!) {
  recordUsage(input: $input) {
    __typename
    ... on RecordUsageSuccess { quota { daily { limit remaining } monthly { limit remaining } } }
    ... on UserError { message }
  }
}"""

CLEAR = """
mutation Clear($sessionId: ID!) {
  clearSessionHistory(input: { sessionId: $sessionId }) {
    __typename
    ... on ClearSessionHistorySuccess { clearedMessages session { totalMessageCount } }
    ... on UserError { message }
  }
}"""

CLOSE = """
mutation Close($sessionId: ID!) {
  closeSession(input: { sessionId: $sessionId }) {
    __typename
    ... on CloseSessionSuccess { closedSessionId }
    ... on UserError { message }
  }
}"""


class ApiError(Exception):
    """The API could not be asked, or did not do what it was asked for; the message says why."""


@dataclass(frozen=True)
class Api:
    """The API, seen by the holder of a key."""

    address: str
    key: str = field(repr=False)
    timeout_seconds: float = 10.0

    def call(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Carry out a mutation and give its result.

        Raises:
            ApiError: the API is out of reach, refuses the key, or refuses the mutation.
        """
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's
            self.address,
            data=json.dumps({"query": document, "variables": variables}).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_seconds) as response:  # noqa: S310 - see above  # nosec B310
                body = json.load(response)
        except urllib.error.HTTPError as error:
            raise ApiError(f"The API answered {error.code}: {error.read().decode(errors='replace')}") from error
        except OSError as error:
            raise ApiError(f"The API at {self.address} does not answer: {error}") from error
        if body.get("errors"):
            raise ApiError("; ".join(error["message"] for error in body["errors"]))
        (result,) = body["data"].values()
        # What the caller can act on comes as a type of its own; every one of them has a message.
        if not result["__typename"].endswith("Success"):
            raise ApiError(f"{result['__typename']}: {result['message']}")
        return dict(result)


def answer(history: list[dict[str, str]], prompt: str) -> str:
    """Stand in for the model: a real runtime sends the context and the prompt to it here."""
    return f'You said "{prompt}", and I know {len(history)} messages from before.'


def exchange(api: Api, session: dict[str, Any], history: list[dict[str, str]], prompt: str) -> list[dict[str, str]]:
    """Answer a prompt within the limits, and give the context as it is afterwards."""
    model = session["currentModel"]
    admission = api.call(ADMIT, {"sessionId": session["id"], "model": model})["admission"]
    binding = admission["bindingLimit"]
    if not admission["allowed"]:
        # A bot would tell its user so, with the time at which the limit makes room again.
        print(f"refused   {', '.join(admission['reasons'])}, until {binding['resetsAt']}")
        return history
    print(f"admitted  {binding['remaining']:,} of {binding['limit']:,} left ({binding['kind']})")
    began = time.monotonic()
    text = answer(history, prompt)
    took_ms = round((time.monotonic() - began) * 1000)
    print(f"answered  {text}")
    stored = api.call(
        APPEND,
        {
            "sessionId": session["id"],
            "messages": [{"role": "USER", "content": prompt}, {"role": "ASSISTANT", "content": text}],
        },
    )["session"]
    print(f"stored    {stored['totalMessageCount']} messages in all")
    usage = {
        "sessionId": session["id"],
        "model": model,
        "success": True,
        "tokensUsed": len(prompt.split()) + len(text.split()),
        "estimatedCost": 0.0,
        "responseTimeMs": took_ms,
    }
    quota = api.call(RECORD, {"input": usage})["quota"]
    windows = [
        f"{of_window(quota[window])} {period}" for window, period in (("daily", "today"), ("monthly", "this month"))
    ]
    print(f"recorded  {', '.join(windows)}")
    return list(stored["history"])


def of_window(window: dict[str, Any]) -> str:
    """Say what is left of a quota."""
    return "no limit" if window["limit"] is None else f"{window['remaining']:,} of {window['limit']:,} left"


def converse(api: Api, user: str, prompts: list[str]) -> None:
    """Go through the life of a conversation."""
    opened = api.call(OPEN, {"userId": user})
    session = opened["session"]
    print(f"opened    {session['sessionId']} on {session['platform']}, {'new' if opened['created'] else 'continued'}")
    context, whole = len(session["history"]), session["totalMessageCount"]
    print(f"          {session['currentModel']}; {context} messages of context, {whole} in all")
    history = session["history"]
    for prompt in prompts:
        history = exchange(api, session, history, prompt)
    cleared = api.call(CLEAR, {"sessionId": session["id"]})
    print(f"cleared   {cleared['clearedMessages']} messages; {cleared['session']['totalMessageCount']} are kept")
    api.call(CLOSE, {"sessionId": session["id"]})
    print("closed")


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Play a chat runtime with a team's API key.")
    parser.add_argument("--address", default="http://127.0.0.1:8000/graphql", help="the API (default: %(default)s)")
    parser.add_argument("--key", default=os.environ.get("API_KEY", ""), help="a team's API key (default: $API_KEY)")
    parser.add_argument("--user", default="alice", help="the user who talks (default: %(default)s)")
    parser.add_argument("prompts", nargs="*", default=["Hello!", "Do you remember me?"], help="what the user says")
    arguments = parser.parse_args()
    if not arguments.key:
        parser.error("a team's API key is needed: --key ak_…, as createTeam and issueApiKey show it")
    try:
        converse(Api(arguments.address, arguments.key), arguments.user, arguments.prompts)
    except ApiError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
