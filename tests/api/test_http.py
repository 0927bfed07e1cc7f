"""GraphQL over HTTP: what is taken and what is refused, of whom, and where the page is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.graphql_http import NEWER, OLDER, WHO
from tests.api.raw_http import TESTER
from tests.running_api import ADMIN_KEY

if TYPE_CHECKING:
    from tests.running_api import RunningApi

BEARER = {"Authorization": f"Bearer {ADMIN_KEY}"}
CREATE = 'mutation Make { createTeam(input: {displayName: "a", platformName: "a"}) { __typename } }'


def send(api: RunningApi, method: str = "POST", path: str = "/graphql", **request: Any) -> httpx.Response:
    """Send a request as an administrator; headers that are given come on top."""
    headers = httpx.Headers(BEARER)
    headers.update(request.pop("headers", {}))
    return api.client.request(method, api.address + path, headers=headers, **request)


def raw(api: RunningApi, content: bytes, **headers: str) -> httpx.Response:
    """Post bytes as JSON."""
    return send(api, content=content, headers={"Content-Type": "application/json", **headers})


def refusal(response: httpx.Response) -> dict[str, Any]:
    """Give the one error of a response that is a refused request: JSON, and no data."""
    assert "json" in response.headers["Content-Type"]
    body = response.json()
    assert "data" not in body, "`data` says that execution began"
    (error,) = body["errors"]
    assert error["message"]
    assert error["extensions"]["code"]
    result: dict[str, Any] = error
    return result


def test_a_query_is_posted_as_json(api: RunningApi) -> None:
    response = send(api, json={"query": WHO})
    assert (response.status_code, response.json()["data"]) == (200, TESTER)
    assert response.headers["Cache-Control"] == "no-store", "what a key may see is in no shared cache"
    assert "Accept" in response.headers["Vary"]


def test_an_operation_may_have_variables_and_a_name(api: RunningApi) -> None:
    document = "query One($by: TeamBy!) { team(by: $by) { id } } query Two { viewer { name } }"
    for name, data in (("One", {"team": None}), ("Two", TESTER)):
        body = {"query": document, "variables": {"by": {"platformName": "x"}}, "operationName": name}
        assert send(api, json=body).json()["data"] == data


def test_an_operation_has_to_be_named_where_there_are_two(api: RunningApi) -> None:
    """Taking the first would run something else than was meant; the specification calls it a request error."""
    refusal(raw(api, json.dumps({"query": "query One { viewer { name } } query Two { viewer { kind } }"}).encode()))


def test_a_query_may_come_by_get(api: RunningApi) -> None:
    parameters = {
        "query": "query ($by: TeamBy!) { team(by: $by) { id } }",
        "variables": '{"by": {"platformName": "x"}}',
    }
    response = send(api, "GET", params=parameters)
    assert (response.status_code, response.json()["data"]) == (200, {"team": None})


@pytest.mark.parametrize(
    "parameters",
    [{"query": CREATE}, {"query": f"query Look {WHO} {CREATE}", "operationName": "Make"}],
    ids=["openly", "behind a query"],
)
def test_a_mutation_by_get_is_refused_and_not_executed(api: RunningApi, parameters: dict[str, str]) -> None:
    """A link, an image or a prefetch must change nothing."""
    response = send(api, "GET", params=parameters)
    assert response.status_code in (400, 405)
    refusal(response)
    assert api.execute("{ teams { totalCount } }") == {"teams": {"totalCount": 0}}


# What is wrong with the request itself, and the code for it. Nothing was executed.
REQUEST_ERRORS = {
    "syntax": ("{", {}, "GRAPHQL_PARSE_FAILED"),
    "validation": ("{ nope }", {}, "GRAPHQL_VALIDATION_FAILED"),
    "a missing variable": ("query ($id: ID!) { node(id: $id) { id } }", {}, "BAD_USER_INPUT"),
    "a variable of another type": ("query ($n: Int) { teams(first: $n) { totalCount } }", {"n": "x"}, "BAD_USER_INPUT"),
    "an unknown enum value": (
        "query ($t: PlatformType!) { platformDefaults(platformType: $t) { model } }",
        {"t": "x"},
        "BAD_USER_INPUT",
    ),
    "an unknown input field": ("query ($b: TeamBy!) { team(by: $b) { id } }", {"b": {"x": "x"}}, "BAD_USER_INPUT"),
    "none of a one-of": ("query ($b: TeamBy!) { team(by: $b) { id } }", {"b": {}}, "BAD_USER_INPUT"),
}


@pytest.mark.parametrize(
    ("accept", "media_type", "status"), [(NEWER, NEWER, 400), (OLDER, OLDER, 200), ("*/*", OLDER, 200)]
)
@pytest.mark.parametrize(("document", "variables", "code"), REQUEST_ERRORS.values(), ids=REQUEST_ERRORS)
def test_a_request_error_has_a_code_and_the_status_of_its_media_type(
    api: RunningApi, document: str, variables: dict[str, Any], code: str, accept: str, media_type: str, status: int
) -> None:
    response = api.post(document, variables, Accept=accept)
    assert refusal(response)["extensions"]["code"] == code
    assert (response.headers["Content-Type"], response.status_code) == (media_type, status)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/graphql", 405),
        ("DELETE", "/graphql", 405),
        ("PATCH", "/graphql", 405),
        ("OPTIONS", "/graphql", 405),
        ("HEAD", "/graphql", 405),
        ("POST", "/livez", 405),
        ("GET", "/nope", 404),
        ("POST", "/nope", 404),
        ("GET", "/graphiql/index.html", 404),
        ("GET", "/graphiql/assets/nope.js", 404),
    ],
)
def test_what_is_not_there_is_not_there(api: RunningApi, method: str, path: str, status: int) -> None:
    response = send(api, method, path)
    assert response.status_code == status
    if status == 405:
        assert {"GET", "POST"} & set(response.headers["Allow"].split(", ")), "HTTP asks for this header"


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_browser_gets_the_page_without_a_key(api: RunningApi, method: str) -> None:
    response = api.client.request(method, f"{api.address}/graphql", headers=BROWSER)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    policy = dict(directive.split(" ", 1) for directive in response.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["connect-src"] == "'self'", "a key that was typed in goes nowhere else"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Accept" in response.headers["Vary"]


def test_the_address_alone_leads_to_the_page(api: RunningApi) -> None:
    response = api.client.get(api.address, headers=BROWSER, follow_redirects=True)
    assert response.status_code == 200
    assert response.url.path == "/graphql"


@pytest.mark.parametrize("accept", ["*/*", OLDER, NEWER, ""])
@pytest.mark.parametrize("parameters", [{}, {"query": WHO}], ids=["nothing", "a query"])
def test_every_other_get_needs_a_key(api: RunningApi, accept: str, parameters: dict[str, str]) -> None:
    response = api.client.get(f"{api.address}/graphql", params=parameters, headers={"Accept": accept})
    assert response.status_code == 401
    assert refusal(response)["extensions"]["code"] == "UNAUTHENTICATED"
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_no_page_comes_without_its_policy(api: RunningApi) -> None:
    """Whatever is asked for, and by whom."""
    for accept in ("*/*", "text/html", "application/json", "text/*"):
        response = send(api, "GET", headers={"Accept": accept})
        if response.headers["Content-Type"].startswith("text/html"):
            assert "Content-Security-Policy" in response.headers, accept


@pytest.mark.parametrize(
    "header", ["", "Bearer", f"Basic {ADMIN_KEY}", ADMIN_KEY, f"Bearer {ADMIN_KEY}x", "Bearer \xff"]
)
def test_a_key_that_is_none_is_refused(api: RunningApi, header: str) -> None:
    response = send(api, json={"query": WHO}, headers={"Authorization": header.encode("latin-1")})
    assert response.status_code == 401
    assert refusal(response)["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_the_scheme_is_in_any_case(api: RunningApi, scheme: str) -> None:
    assert send(api, json={"query": WHO}, headers={"Authorization": f"{scheme} {ADMIN_KEY}"}).json()["data"] == TESTER


@pytest.mark.parametrize("path", ["/graphql", "/", "/nope"])
def test_a_websocket_is_not_taken(api: RunningApi, path: str) -> None:
    """There are no subscriptions, and what is not served needs no defence."""
    response = send(
        api,
        "GET",
        path,
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol": "graphql-transport-ws",
        },
    )
    assert response.status_code != 101
    assert response.status_code < 500
    assert "Sec-WebSocket-Accept" not in response.headers
    assert api.execute(WHO) == TESTER
