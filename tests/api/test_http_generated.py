"""Whatever bytes, headers and parameters are sent, the answer is one that GraphQL clients can read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.graphql_http import sent, strict_json
from tests.running_api import ADMIN_KEY

if TYPE_CHECKING:
    import httpx

    from tests.running_api import RunningApi


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
documents = st.sampled_from(["{viewer{name}}", "{", "query($a: Int){teams(first:$a){totalCount}}", "{a:viewer{kind}}"])
almost_requests = st.fixed_dictionaries(
    {},
    optional={
        "query": documents | json_values,
        "variables": st.dictionaries(st.sampled_from(["a", "b"]), json_values) | json_values,
        "operationName": st.text() | json_values,
        "extensions": json_values,
    },
)
bodies = st.one_of(
    almost_requests.map(lambda value: json.dumps(value).encode()),
    json_values.map(lambda value: json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")),
    st.binary(max_size=200),
)
header_values = st.binary(max_size=60).map(lambda value: re.sub(rb"[\x00-\x1f\x7f]", b"", value).strip())


def assert_well_formed(response: httpx.Response) -> None:
    assert response.status_code < 500, response.text
    body = strict_json(response)
    assert set(body) <= {"data", "errors", "extensions"}
    assert ("data" in body) or body["errors"]
    for error in body.get("errors", ()):
        assert error["extensions"]["code"] != "INTERNAL"
        assert error["message"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies)
def test_every_body_gets_an_answer_that_graphql_clients_can_read(api: RunningApi, body: bytes) -> None:
    assert_well_formed(sent(api, body))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    headers=st.dictionaries(
        st.sampled_from([b"Accept", b"Content-Type", b"Authorization", b"Content-Encoding", b"X-Request-ID"]),
        header_values
        | st.sampled_from([b"application/json", b"*/*;q=", b";", b"text/html;q=0", b"Bearer", b"\xff", b"charset="]),
    )
)
def test_all_headers_get_an_answer_that_graphql_clients_can_read(api: RunningApi, headers: dict[bytes, bytes]) -> None:
    assert_well_formed(sent(api, b'{"query":"{viewer{name}}"}', headers))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parameters=st.text(st.sampled_from("query=variables&%7B{}viewer+;ff00\"'[]"), max_size=60))
def test_all_parameters_get_an_answer_that_graphql_clients_can_read(api: RunningApi, parameters: str) -> None:
    response = api.client.get(
        f"{api.address}/graphql", params=parameters, headers={"Authorization": f"Bearer {ADMIN_KEY}"}
    )
    assert_well_formed(response)
