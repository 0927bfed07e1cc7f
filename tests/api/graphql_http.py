"""GraphQL over HTTP: its media types, a body sent as it is, and an answer read as strictly as any client does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.running_api import ADMIN_KEY

if TYPE_CHECKING:
    import httpx

    from tests.running_api import RunningApi

NEWER = "application/graphql-response+json"
OLDER = "application/json"
WHO = "{ viewer { name } }"


def strict_json(response: httpx.Response) -> Any:
    """Read a response as a client does that takes nothing but JSON in UTF-8."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    assert response.headers["Content-Type"] in (OLDER, NEWER)
    return json.loads(response.content.decode("utf-8"), parse_constant=refuse)


def sent(api: RunningApi, content: bytes, headers: dict[bytes, bytes] | None = None) -> httpx.Response:
    """Post bytes as an administrator; as JSON, unless the headers say otherwise."""
    known = {b"Authorization": f"Bearer {ADMIN_KEY}".encode(), b"Content-Type": b"application/json"}
    return api.client.post(f"{api.address}/graphql", content=content, headers={**known, **(headers or {})})
