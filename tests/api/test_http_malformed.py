"""Requests that are not well-formed are the caller's mistake: 400, and one error that says what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.api.graphql_http import NEWER, OLDER, sent, strict_json
from tests.api.raw_http import TESTER
from tests.running_api import ADMIN_KEY

if TYPE_CHECKING:
    import httpx

    from tests.running_api import RunningApi

# How Python would put it, which says nothing to those who do not use it.
PYTHON = re.compile(r"\b(None|NoneType|True|False|inf|nan|dict|list|str|int|bool|bytes|Traceback)\b")

# A body, and what its refusal has to name.
MALFORMED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "white space": (b"  \n", "cannot be read as JSON"),
    "no JSON": (b"{", "line 1, column 2"),
    "a form": (b"query=%7Bviewer%7Bname%7D%7D", "cannot be read as JSON"),
    "the document alone": (b"{ viewer { name } }", "cannot be read as JSON"),
    "something after it": (b'{"query": "{viewer{name}}"} x', "cannot be read as JSON"),
    "a comment": (b'{"query": "{viewer{name}}" /* x */}', "cannot be read as JSON"),
    "not a number": (b'{"query": "{viewer{name}}", "variables": {"a": NaN}}', "cannot be read as JSON"),
    "no number at all": (b'{"query": "{viewer{name}}", "variables": {"a": Infinity}}', "cannot be read as JSON"),
    "a number beyond all numbers": (b'{"query": "{viewer{name}}", "variables": {"a": 1e400}}', "infinity"),
    "thousands of digits": (b'{"query": "{viewer{name}}", "variables": {"a": %s}}' % (b"9" * 5000), "infinity"),
    "no UTF-8": (b'{"query": "\xff"}', "UTF-8 from byte 12"),
    "a surrogate in UTF-8": (b'{"query": "\xed\xa0\x80"}', "UTF-8"),
    "another encoding": ('{"query": "{viewer{name}}"}'.encode("utf-16"), "UTF-8"),
    "a byte order mark": ('{"query": "{viewer{name}}"}'.encode("utf-8-sig"), "byte order mark"),
    "half a character": (b'{"query": "\\ud800"}', "surrogate"),
    "the other half": (b'{"query": "\\udc00"}', "surrogate"),
    "half a character in a variable": (b'{"query": "{viewer{name}}", "variables": {"a": "\\ud800"}}', "surrogate"),
    "a NUL": (b'{"query": "{viewer{name}}\x00"}', "control character"),
    "a number": (b"1", "a number"),
    "text": (b'"{viewer{name}}"', "a string"),
    "null": (b"null", "null"),
    "true": (b"true", "a boolean"),
    "an empty batch": (b"[]", "batches"),
    "a batch": (b'[{"query": "{viewer{name}}"}]', "batches"),
    "too deep": (b"[" * 100_000, "depth"),
    "too deep below": (
        b'{"query": "{viewer{name}}", "variables": %s}' % (b'{"a":' * 5000 + b"1" + b"}" * 5000),
        "depth",
    ),
    "no query": (b"{}", "`query` is missing"),
    "query null": (b'{"query": null}', "`query` is missing"),
    "query empty": (b'{"query": ""}', "`query` is missing"),
    "query a number": (b'{"query": 1}', "`query` has to be a string; this is a number"),
    "query false": (b'{"query": false}', "`query` has to be a string; this is a boolean"),
    "query a list": (b'{"query": ["{viewer{name}}"]}', "this is an array"),
    "query an object": (b'{"query": {}}', "this is an object"),
    "variables a list": (b'{"query": "{viewer{name}}", "variables": []}', "`variables` has to be an object or null"),
    "variables text": (b'{"query": "{viewer{name}}", "variables": "{}"}', "this is a string"),
    "variables false": (b'{"query": "{viewer{name}}", "variables": false}', "this is a boolean"),
    "variables zero": (b'{"query": "{viewer{name}}", "variables": 0}', "this is a number"),
    "operationName a number": (
        b'{"query": "{viewer{name}}", "operationName": 1}',
        "`operationName` has to be a string",
    ),
    "operationName false": (b'{"query": "{viewer{name}}", "operationName": false}', "this is a boolean"),
    "operationName an object": (b'{"query": "{viewer{name}}", "operationName": {}}', "this is an object"),
    "operationName a list": (b'{"query": "{viewer{name}}", "operationName": [1]}', "this is an array"),
    "operationName unknown": (b'{"query": "{viewer{name}}", "operationName": "nope"}', "`operationName`"),
    "operationName without end": (
        b'{"query": "{viewer{name}}", "operationName": "' + b"x" * 1_000_000 + b'"}',
        "The document has no operation of the name in `operationName`.",
    ),
    "operationName for one of several": (
        b'{"query": "query A {viewer{name}} query B {viewer{name}}", "operationName": "C"}',
        "The document has no operation of the name in `operationName`.",
    ),
    "fragments only": (
        b'{"query": "fragment F on Viewer {name}"}',
        "The document has no operation: send a query or a mutation in it.",
    ),
    "operationName empty": (b'{"query": "{viewer{name}}", "operationName": ""}', "`operationName`"),
    "extensions text": (b'{"query": "{viewer{name}}", "extensions": "x"}', "`extensions` has to be an object or null"),
    "extensions a list": (b'{"query": "{viewer{name}}", "extensions": []}', "this is an array"),
    "only a fragment": (b'{"query": "fragment A on Viewer { name }"}', "no operation"),
}


def refusal(response: httpx.Response) -> str:
    """Give the message of the one error of a response that refuses a request."""
    body = strict_json(response)
    assert set(body) == {"errors"}, "`data` says that execution began"
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    message: str = error["message"]
    assert not PYTHON.search(message), message
    assert len(message) < 300, "what was sent is not sent back"
    return message


@pytest.mark.parametrize("accept", [OLDER, NEWER])
@pytest.mark.parametrize(("body", "says"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_body_is_refused(api: RunningApi, body: bytes, says: str, accept: str) -> None:
    response = sent(api, body, {b"Accept": accept.encode()})
    assert response.status_code == 400
    assert response.headers["Content-Type"] == accept
    assert says in refusal(response)
    assert response.headers["X-Request-ID"]


GET = {
    "nothing": ("", "`query` is missing"),
    "only variables": ("variables={}", "`query` is missing"),
    "query empty": ("query=", "`query` is missing"),
    "variables no JSON": ("query={viewer{name}}&variables=x", "The parameter `variables` cannot be read as JSON"),
    "variables a list": ("query={viewer{name}}&variables=[]", "`variables` has to be an object or null"),
    "variables a number": ("query={viewer{name}}&variables=0", "this is a number"),
    "variables beyond all numbers": ("query={viewer{name}}&variables={%22a%22:1e400}", "infinity"),
    "variables half a character": ("query={viewer{name}}&variables={%22a%22:%22\\ud800%22}", "surrogate"),
    "extensions no JSON": ("query={viewer{name}}&extensions={", "The parameter `extensions`"),
    "extensions text": ("query={viewer{name}}&extensions=%22x%22", "`extensions` has to be an object or null"),
    "operationName unknown": ("query={viewer{name}}&operationName=nope", "`operationName`"),
    "no UTF-8": ("query=%ff", "UTF-8"),
    "a surrogate in UTF-8": ("query={viewer{name}}&operationName=%ed%a0%80", "UTF-8"),
    "a query twice": ("query={viewer{name}}&query={teams{totalCount}}", "more than once"),
    "too many parameters": ("query={viewer{name}}" + "&a=b" * 200, "at most 100"),
}


@pytest.mark.parametrize(("parameters", "says"), GET.values(), ids=GET)
def test_a_malformed_get_is_refused(api: RunningApi, parameters: str, says: str) -> None:
    """Also with `Accept: */*`, as every client but a browser sends it: never a page."""
    address = f"{api.address}/graphql?{parameters}"
    response = api.client.get(address, headers={"Authorization": f"Bearer {ADMIN_KEY}"})
    assert response.status_code == 400
    assert says in refusal(response)


@pytest.mark.parametrize(
    "parameters",
    [
        "query={viewer{name}}",
        "query={viewer{name}}&variables=&extensions=&operationName=",
        "query={viewer{name}}&variables=null&extensions=null",
        "query=%7Bviewer%7Bname%7D%7D&variables=%7B%7D&extensions=%7B%22a%22%3A1%7D",
        "query=query+A+{viewer{name}}&operationName=A&somethingElse=1",
    ],
)
def test_a_get_that_is_well_formed_is_taken(api: RunningApi, parameters: str) -> None:
    address = f"{api.address}/graphql?{parameters}"
    assert api.client.get(address, headers={"Authorization": f"Bearer {ADMIN_KEY}"}).json()["data"] == TESTER


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_another_method_is_refused_like_anything_else(api: RunningApi, method: str) -> None:
    response = api.client.request(method, f"{api.address}/graphql", headers={"Authorization": f"Bearer {ADMIN_KEY}"})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, POST")
    assert "GET or POST" in refusal(response)


def test_a_mutation_by_get_is_told_how_to_be_sent(api: RunningApi) -> None:
    response = api.client.get(
        f"{api.address}/graphql",
        params={"query": "mutation { __typename }"},
        headers={"Authorization": f"Bearer {ADMIN_KEY}"},
    )
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert "POST" in refusal(response)


DIGITS = "9" * 5000
UPDATE = 'mutation { updateTeam(input: {id: "x", dailyQuota: %s}) { __typename } }'
ENORMOUS = {
    "an argument": f"{{ teams(first: {DIGITS}) {{ totalCount }} }}",
    "a default": f"query ($n: Int = {DIGITS}) {{ teams(first: $n) {{ totalCount }} }}",
    "a negative one": f"{{ teams(first: -{DIGITS}) {{ totalCount }} }}",
    "with an exponent": "{ teams(first: 1e400) { totalCount } }",
    "where none belongs": f"{{ viewer {{ name @skip(if: {DIGITS}) }} }}",
    "of an input": UPDATE % DIGITS,
    "of an input with a fraction": UPDATE % f"{DIGITS}.5",
}


@pytest.mark.parametrize("document", ENORMOUS.values(), ids=ENORMOUS)
def test_a_number_of_thousands_of_digits_in_a_document_is_a_mistake_like_others(api: RunningApi, document: str) -> None:
    """Python reads no number with more than 4300 digits, and says so in words about itself."""
    response = api.post(document, Accept=NEWER)
    assert response.status_code == 400
    (error,) = strict_json(response)["errors"]
    assert error["extensions"]["code"] in ("GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT")
    assert "conversion" not in error["message"]
    assert not PYTHON.search(error["message"])
