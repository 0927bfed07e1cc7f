"""Calls that really run at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any, TypeVar

from tests.running_api import GraphQLFailed
from tests.schema.teams.documents import type_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.running_api import RunningApi

Result = TypeVar("Result")


def at_once(count: int, call: Callable[[int], Result]) -> list[Result]:
    """Call with 0 to `count` - 1, each in a thread of its own; none begins before all are ready."""
    ready = Barrier(count)

    def begin(place: int) -> Result:
        ready.wait()
        return call(place)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(begin, range(count)))


def outcome(api: RunningApi, mutation: str, selection: str = "", **given: Any) -> dict[str, Any]:
    """Run a mutation among many and give its result: its type, and what is selected of it without loading more.

    A busy machine may keep a caller from a connection for too long. The service then says that it is unavailable and
    has done nothing, and the caller repeats the call.
    """
    document = (
        f"mutation ($input: {type_name(mutation)}Input!)"
        f" {{ result: {mutation}(input: $input) {{ __typename {selection} }} }}"
    )
    for _ in range(20):
        response = api.post(document, {"input": given})
        body = response.json()
        if response.status_code != 503:
            break
    if body.get("errors"):
        raise GraphQLFailed(body["errors"])
    result: dict[str, Any] = body["data"]["result"]
    return result
