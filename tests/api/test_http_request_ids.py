"""A request's id: a sane one is kept, any other replaced, no key is taken for one, and each response carries it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.running_api import ADMIN_KEY, INTERNAL_KEY, TELEGRAM_KEY

if TYPE_CHECKING:
    from tests.running_api import RunningApi


@pytest.mark.parametrize("identity", ["a", "0b9f-Id_1.x", "a" * 64, "break_1", "wakadmin", "ak-1"])
def test_a_sane_request_id_is_kept(api: RunningApi, identity: str) -> None:
    response = api.client.get(f"{api.address}/livez", headers={"X-Request-ID": identity})
    assert response.headers.get_list("X-Request-ID") == [identity]


@pytest.mark.parametrize(
    "identity", [b"a" * 65, b"two words", b"tab\there", b"a%0d%0ab", b"a;b", b'{"a":1}', b"\xc3\xa9", b"\x85", b""]
)
def test_any_other_request_id_is_replaced(api: RunningApi, identity: bytes) -> None:
    """It goes into logs and headers: nothing in it may end a line or pass for something else."""
    response = api.client.get(f"{api.address}/livez", headers={b"X-Request-ID": identity})
    (given,) = response.headers.get_list("X-Request-ID")
    assert re.fullmatch(r"[0-9a-f]{32}", given)


KEYS = ("ak_" + "x" * 43, "trace-ak_xxxx", "admin_xxxx", ADMIN_KEY, TELEGRAM_KEY, INTERNAL_KEY)


@pytest.mark.parametrize("identity", KEYS)
def test_a_key_is_no_request_id(api: RunningApi, identity: str) -> None:
    """A caller that mixes its headers up must not have its key logged and sent back."""
    response = api.client.get(f"{api.address}/livez", headers={"X-Request-ID": identity})
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-ID"])


@pytest.mark.parametrize("header", ["Bearer something-secret", "something-secret", "Basic x something-secret"])
@pytest.mark.parametrize("identity", ["something-secret", "1.something-secret"])
def test_what_is_sent_as_a_key_is_no_request_id(api: RunningApi, header: str, identity: str) -> None:
    headers = {"X-Request-ID": identity, "Authorization": header}
    response = api.client.get(f"{api.address}/livez", headers=headers)
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-ID"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/livez", 200),
        ("GET", "/readyz", 200),
        ("GET", "/", 307),
        # Not led to the address without the stroke: that would be on whatever host the caller names.
        ("GET", "/graphql/", 404),
        ("POST", "/graphql", 401),
        ("GET", "/nope", 404),
        ("PUT", "/graphql", 405),
    ],
)
def test_every_response_carries_its_request_id(api: RunningApi, method: str, path: str, status: int) -> None:
    response = api.client.request(method, api.address + path, headers={"X-Request-ID": "mine"})
    assert (response.status_code, response.headers.get_list("X-Request-ID")) == (status, ["mine"])
