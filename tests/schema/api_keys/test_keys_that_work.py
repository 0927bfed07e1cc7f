"""Which keys are let in, from which moment on, and that all others are answered alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.api_key import digest
from tests.conftest import run_sql
from tests.schema.teams.documents import create, run

if TYPE_CHECKING:
    import httpx

    from tests.running_api import RunningApi

QUERY = {"query": "{ viewer { kind name team { id platformName } } }"}


def ask(api: RunningApi, authorization: bytes | None) -> httpx.Response:
    """Send a query with this Authorization header, or with none."""
    headers = {} if authorization is None else {b"Authorization": authorization}
    return api.client.post(f"{api.address}/graphql", json=QUERY, headers=headers)


def works(api: RunningApi, secret: str) -> bool:
    response = ask(api, f"Bearer {secret}".encode())
    assert response.status_code in (200, 401)
    return response.status_code == 200


@pytest.fixture
def created(api: RunningApi) -> dict[str, Any]:
    """A team with its first key."""
    return create(api)


def test_a_key_works_as_soon_as_it_is_issued(api: RunningApi, created: dict[str, Any]) -> None:
    team_id = created["team"]["id"]
    second = run(api, "issueApiKey", teamId=team_id, name="second", expiresAt="2999-01-01T00:00:00Z")["issuedApiKey"]
    for issued in (created["issuedApiKey"], second):
        assert api.by(issued["secret"]).execute(QUERY["query"])["viewer"] == {
            "kind": "TEAM",
            "name": issued["apiKey"]["prefix"],
            "team": {"id": team_id, "platformName": "acme"},
        }


def test_a_revoked_key_stops_at_once_and_for_good(api: RunningApi, created: dict[str, Any]) -> None:
    secret, team_id = created["issuedApiKey"]["secret"], created["team"]["id"]
    second = run(api, "issueApiKey", teamId=team_id, name="second")["issuedApiKey"]["secret"]
    run(api, "revokeApiKey", id=created["issuedApiKey"]["apiKey"]["id"])
    assert (works(api, secret), works(api, second)) == (False, True)
    for is_active in (False, True):
        run(api, "updateTeam", id=team_id, isActive=is_active)
    assert (works(api, secret), works(api, second)) == (False, True)


def test_the_keys_of_an_inactive_team_rest(api: RunningApi, created: dict[str, Any]) -> None:
    secret = created["issuedApiKey"]["secret"]
    for is_active in (False, True):
        run(api, "updateTeam", id=created["team"]["id"], isActive=is_active)
        assert works(api, secret) is is_active


def test_the_keys_of_a_deleted_team_are_gone(api: RunningApi, created: dict[str, Any]) -> None:
    run(api, "deleteTeam", id=created["team"]["id"], force=True)
    assert not works(api, created["issuedApiKey"]["secret"])


@pytest.mark.parametrize(("offset", "expected"), [("-1 second", False), ("0", False), ("1 hour", True)])
def test_a_key_expires_by_the_databases_clock(
    api: RunningApi,
    database: str,
    created: dict[str, Any],
    offset: str,
    expected: bool,  # noqa: FBT001
) -> None:
    run_sql(database, f"UPDATE api_keys SET expires_at = timezone('utc', now()) + interval '{offset}'")  # noqa: S608
    assert works(api, created["issuedApiKey"]["secret"]) is expected


def test_all_that_is_no_working_key_is_answered_alike_to_the_byte(api: RunningApi, database: str) -> None:
    """So that nobody learns from the answer whether a key was ever one."""
    created = {name: create(api, name) for name in ("revoked", "expired", "inactive", "working")}
    secrets = {name: team["issuedApiKey"]["secret"] for name, team in created.items()}
    run(api, "revokeApiKey", id=created["revoked"]["issuedApiKey"]["apiKey"]["id"])
    run(api, "updateTeam", id=created["inactive"]["team"]["id"], isActive=False)
    run_sql(
        database,
        f"UPDATE api_keys SET expires_at = '2020-01-01' WHERE key_hash = '{digest(secrets['expired'])}'",  # noqa: S608
    )
    working = secrets["working"]
    headers = {
        "missing": None,
        "empty": b"",
        "scheme alone": b"Bearer",
        "key alone": working.encode(),
        "other scheme": b"Basic " + working.encode(),
        "longer scheme": b"BearerX " + working.encode(),
        "unknown": b"Bearer ak_" + b"x" * 43,
        "revoked": f"Bearer {secrets['revoked']}".encode(),
        "expired": f"Bearer {secrets['expired']}".encode(),
        "inactive": f"Bearer {secrets['inactive']}".encode(),
        "digest": f"Bearer {digest(working)}".encode(),
        "prefix": f"Bearer {working[:12]}".encode(),
        "one character less": f"Bearer {working[:-1]}".encode(),
        "one character more": f"Bearer {working}x".encode(),
        "two keys": f"Bearer {working} {working}".encode(),
        "other case": f"Bearer {working.swapcase()}".encode(),
        "garbage": b"Bearer \xff\xfe\x80",
        "garbage scheme": b"\xff\xfe " + working.encode(),
        "garbage after a key": f"Bearer {working}".encode() + b"\xff",
        "not ASCII": "Bearer ключ-🔑".encode(),
        "very long": b"Bearer " + b"a" * 20_000,
        "SQL": b"Bearer ' OR '1'='1",
    }
    answers = {name: ask(api, header) for name, header in headers.items()}
    assert works(api, working)
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(headers, 401)
    assert {answer.content for answer in answers.values()} == {answers["missing"].content}
    varying = ("date", "x-request-id")
    for name, answer in answers.items():
        shown = {header: value for header, value in answer.headers.items() if header not in varying}
        expected = {header: value for header, value in answers["missing"].headers.items() if header not in varying}
        assert shown == expected, name
    assert answers["missing"].json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert answers["missing"].headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_schemes_name_may_be_written_in_any_case(api: RunningApi, created: dict[str, Any], scheme: str) -> None:
    assert ask(api, f"{scheme} {created['issuedApiKey']['secret']}".encode()).status_code == 200


def test_a_team_key_costs_one_statement_and_other_keys_none(
    api: RunningApi, database: str, created: dict[str, Any]
) -> None:
    with api.counted() as statements:
        api.execute("{ __typename }")
    assert statements == []
    # Its use is written beside the requests, see test_last_use.py, and not again within the minute.
    run_sql(database, "UPDATE api_keys SET last_used_at = timezone('utc', now())")
    with api.counted() as statements:
        api.by(created["issuedApiKey"]["secret"]).execute("{ __typename }")
    assert len(statements) == 1


def test_a_mistyped_key_is_refused_without_asking_the_database(api: RunningApi, created: dict[str, Any]) -> None:
    secret = created["issuedApiKey"]["secret"]
    other = "x" if secret[20] != "x" else "y"
    mistyped = [secret[:20] + other + secret[21:], secret[:-1], secret[:47], secret + "x", secret[:-6] + "000000"]
    for key in mistyped:
        with api.counted() as statements:
            assert not works(api, key)
        assert statements == [], key


@pytest.mark.parametrize("unknown", ["ak_" + "x" * 43, "ak_short", "another-form-of-key", "ak_"])
def test_what_may_be_a_key_of_old_is_looked_up_once(api: RunningApi, unknown: str) -> None:
    with api.counted() as statements:
        assert not works(api, unknown)
    assert len(statements) == 1


@pytest.mark.parametrize("of_old", ["ak_" + "o" * 43, "ak_short", "of-another-form-and-longer-than-any-" * 3])
@pytest.mark.usefixtures("created")
def test_keys_without_a_checksum_go_on_working(api: RunningApi, database: str, of_old: str) -> None:
    run_sql(database, f"UPDATE api_keys SET key_hash = '{digest(of_old)}'")  # noqa: S608 - ours
    assert works(api, of_old)
