"""revokeApiKey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.documents import Form, create, run, run_with
from tests.schema.teams.ids import encoded, strange_ids
from tests.schema.teams.rows import rows, unchanged

if TYPE_CHECKING:
    from tests.running_api import RunningApi


@pytest.fixture
def key(api: RunningApi) -> dict[str, Any]:
    """The first key of a team."""
    key: dict[str, Any] = create(api)["issuedApiKey"]["apiKey"]
    return key


@pytest.mark.parametrize("form", Form)
def test_a_key_is_revoked_and_nothing_else_changes(
    api: RunningApi, database: str, key: dict[str, Any], form: Form
) -> None:
    run(api, "issueApiKey", teamId=key["team"]["id"], name="second")
    create(api, "other")
    query = "SELECT to_jsonb(api_keys) - 'is_active' AS rest FROM api_keys ORDER BY id"
    before = rows(database, query)
    result = run_with(api, "revokeApiKey", form, fixed={}, field="id", field_type="ID!", value=key["id"])
    assert result == {"__typename": "RevokeApiKeySuccess", "apiKey": {**key, "isActive": False}}
    assert rows(database, query) == before
    active = [row["is_active"] for row in rows(database, "SELECT is_active FROM api_keys ORDER BY id")]
    assert active == [False, True, True]


def test_revoking_again_is_the_same(api: RunningApi, database: str, key: dict[str, Any]) -> None:
    first = run(api, "revokeApiKey", id=key["id"])
    with unchanged(database):
        assert run(api, "revokeApiKey", id=key["id"]) == first


def test_an_expired_key_can_be_revoked(api: RunningApi, database: str, key: dict[str, Any]) -> None:
    run_sql(database, "UPDATE api_keys SET expires_at = '2020-01-01'")
    revoked = run(api, "revokeApiKey", id=key["id"])["apiKey"]
    assert (revoked["isActive"], revoked["expiresAt"]) == (False, "2020-01-01T00:00:00Z")


def test_a_key_of_an_inactive_team_can_be_revoked(api: RunningApi, key: dict[str, Any]) -> None:
    run(api, "updateTeam", id=key["team"]["id"], isActive=False)
    assert run(api, "revokeApiKey", id=key["id"])["apiKey"]["isActive"] is False


def test_all_who_revoke_a_key_at_once_succeed(api: RunningApi, key: dict[str, Any]) -> None:
    selection = "... on RevokeApiKeySuccess { apiKey { isActive } }"
    results = at_once(10, lambda _: outcome(api, "revokeApiKey", selection, id=key["id"]))
    assert results == [{"__typename": "RevokeApiKeySuccess", "apiKey": {"isActive": False}}] * 10


def test_an_id_that_names_no_key_is_api_key_not_found(api: RunningApi, database: str, key: dict[str, Any]) -> None:
    assert encoded("ApiKey:1") == key["id"]
    with unchanged(database):
        for node_id in strange_ids("ApiKey"):
            assert run(api, "revokeApiKey", id=node_id)["__typename"] == "ApiKeyNotFound", node_id


def test_neither_secret_nor_prefix_nor_digest_names_a_key(api: RunningApi, database: str) -> None:
    """A key is named by its id alone, so that no secret has to be sent to revoke it."""
    issued = create(api)["issuedApiKey"]
    (stored,) = rows(database, "SELECT key_hash FROM api_keys")
    with unchanged(database):
        for node_id in (issued["secret"], issued["apiKey"]["prefix"], stored["key_hash"]):
            assert run(api, "revokeApiKey", id=node_id)["__typename"] == "ApiKeyNotFound"


def test_how_many_statements_a_revocation_takes(api: RunningApi, key: dict[str, Any]) -> None:
    """The change, and the team in the payload."""
    for node_id, count in ((key["id"], 2), (key["id"], 2), (encoded("ApiKey:999"), 1), ("nonsense", 0)):
        with api.counted() as statements:
            run(api, "revokeApiKey", id=node_id)
        assert len(statements) == count, statements
