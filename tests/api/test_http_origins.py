"""What pages of other origins may do: nothing, unless the settings let them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.graphql_http import WHO
from tests.running_api import ADMIN_KEY, running_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.running_api import RunningApi

ORIGIN = "https://admin.example.com"


def test_other_origins_get_no_permission_by_default(api: RunningApi) -> None:
    response = api.post(WHO, Origin=ORIGIN)
    assert not [name for name in response.headers if name.lower().startswith("access-control-")]


@pytest.fixture
def front_end_api(database: str) -> Iterator[RunningApi]:
    """A server that lets one origin in."""
    with running_api(database, cors_allowed_origins=(ORIGIN,)) as api:
        yield api


def preflight(api: RunningApi, origin: str) -> httpx.Response:
    return api.client.options(
        f"{api.address}/graphql",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type, x-request-id",
        },
    )


def test_an_allowed_origin_may_send_a_key(front_end_api: RunningApi) -> None:
    response = preflight(front_end_api, ORIGIN)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    allowed = {name.strip().lower() for name in response.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type", "x-request-id"} <= allowed
    assert "Access-Control-Allow-Credentials" not in response.headers, "keys are sent by hand, never by cookie"


@pytest.mark.parametrize("key", [ADMIN_KEY, "wrong"])
def test_an_allowed_origin_may_read_results_refusals_and_request_ids(front_end_api: RunningApi, key: str) -> None:
    response = front_end_api.by(key).post(WHO, Origin=ORIGIN)
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "x-request-id" in response.headers["Access-Control-Expose-Headers"].lower()
    assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example.com", f"{ORIGIN}.evil.com", "http://admin.example.com", "null"]
)
def test_a_foreign_origin_is_not_let_in(front_end_api: RunningApi, origin: str) -> None:
    assert preflight(front_end_api, origin).status_code == 400
    assert "Access-Control-Allow-Origin" not in preflight(front_end_api, origin).headers
    assert "Access-Control-Allow-Origin" not in front_end_api.post(WHO, Origin=origin).headers
