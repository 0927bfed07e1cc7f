"""What is wrong with a request as a whole is answered the same by both executors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.api.execution.compared import Compared, compared
from tests.running_api import TELEGRAM_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

TWO = "query A { viewer { kind } } query B { viewer { name } }"
CREATE = "mutation($input: CreateTeamInput!) { createTeam(input: $input) { __typename } }"
SIZED = "query($first: Int!) { teams(first: $first) { totalCount } }"


class Request(NamedTuple):
    """A request, and a part of its answer. `variables` are sent as they are."""

    status: int
    answer: str
    document: str
    variables: Any = None
    name: str | None = None
    method: str = "POST"
    key: str | None = None


REQUESTS = {
    "a mutation by GET": Request(405, "send mutations by POST", "mutation { closeSession }", method="GET"),
    "a query by GET": Request(200, '"kind":"ADMIN"', "{ viewer { kind } }", method="GET"),
    "no such operation": Request(400, "operation of the name", TWO, name="C"),
    "an empty name": Request(400, "operation of the name", TWO, name=""),
    "no operation": Request(400, "no operation", "fragment F on Viewer { kind }"),
    "several operations": Request(200, "say which one", TWO),
    "one of several": Request(200, '"data":{"viewer":{"name"', TWO, name="B"),
    "no document": Request(200, "GRAPHQL_PARSE_FAILED", "{"),
    "an invalid document": Request(200, "GRAPHQL_VALIDATION_FAILED", "{ nothing }"),
    "a document too deep": Request(200, "LIMIT_EXCEEDED", "{ a" * 150 + "}" * 150),
    "a cost too high": Request(
        200, "LIMIT_EXCEEDED", "{ teams(first: 100) { nodes { sessions(first: 100) { nodes { id platform } } } } }"
    ),
    "a variable left out": Request(200, "BAD_USER_INPUT", SIZED),
    "a variable of another type": Request(200, "BAD_USER_INPUT", SIZED, {"first": "x"}),
    "many wrong variables": Request(200, "BAD_USER_INPUT", CREATE, {"input": {f"f{place}": 1 for place in range(99)}}),
    "a page that there cannot be": Request(200, "BAD_USER_INPUT", SIZED, {"first": 101}),
    "a list too long": Request(200, "LIMIT_EXCEEDED", SIZED, {"first": [1] * 500}),
    "input too deep": Request(200, "LIMIT_EXCEEDED", SIZED, {"first": [[[[[[[[[[[1]]]]]]]]]]]}),
    "null for a condition": Request(
        200, "errors", "query($yes: Boolean = true) { viewer { kind @skip(if: $yes) name } }", {"yes": None}
    ),
    "nothing selected": Request(200, '"data":{}', "{ viewer @skip(if: true) { kind } }"),
    "introspection": Request(200, '"queryType"', "{ __schema { queryType { name } } viewer { kind } }"),
    "names of the compiled code's own, and of the language": Request(
        200,
        '"class":',
        "{ __import__: __typename data: viewer { pending: kind executor: name source: kind path: name class: kind }"
        " run: viewer { None: name value: kind error: name raise: kind field_1: name } }",
    ),
    "a refusal": Request(200, "InvalidInput", CREATE, {"input": {"displayName": "", "platformName": ""}}),
    "what a caller may not do": Request(
        200, "FORBIDDEN", CREATE, {"input": {"displayName": "x", "platformName": "x"}}, key=TELEGRAM_KEY
    ),
    "a payload that there cannot be": Request(
        200,
        "BAD_USER_INPUT",
        'mutation { createTeam(input: {displayName: "P", platformName: "p"}) { ... on CreateTeamSuccess'
        " { team { sessions(first: 101) { totalCount } } } } }",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def servers(module_database: str) -> Iterator[Compared]:
    with compared(module_database, module_database) as both:
        yield both


def ask(servers: Compared, request: Request, accept: str) -> list[tuple[int, str, bytes]]:
    """Send a request to both."""
    answers: list[tuple[int, str, bytes]] = []
    for api in (servers.library, servers.compiled):
        headers = {
            "Authorization": f"Bearer {request.key or api.key}",
            "Accept": accept,
            "X-Request-ID": "compared",
        }
        members = {"query": request.document, "variables": request.variables, "operationName": request.name}
        response: httpx.Response
        if request.method == "GET":
            given = {name: value for name, value in members.items() if value is not None}
            response = api.client.get(f"{api.address}/graphql", params=given, headers=headers)
        else:
            body = json.dumps(members)
            headers["Content-Type"] = "application/json"
            response = api.client.post(f"{api.address}/graphql", content=body, headers=headers)
        answers.append((response.status_code, response.headers["content-type"], response.content))
    return answers


@pytest.mark.parametrize("what", REQUESTS)
def test_a_request_is_answered_the_same(servers: Compared, what: str) -> None:
    request = REQUESTS[what]
    for accept in ("application/json", "application/graphql-response+json"):
        by_library, by_plan = ask(servers, request, accept)
        assert by_plan == by_library
        assert request.answer in by_plan[2].decode()
        if accept == "application/json":
            assert by_plan[0] == request.status
