"""rotateApiKey: the same key under a new secret, and for how long the old one works."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.api_key import digest
from tests.conftest import run_sql
from tests.schema.api_keys.test_keys_that_work import works
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.documents import Form, create, problems_of, run, run_with
from tests.schema.teams.ids import encoded, strange_ids
from tests.schema.teams.rows import everything, rows, unchanged

if TYPE_CHECKING:
    from tests.running_api import RunningApi

SECRET = "... on RotateApiKeySuccess { issuedApiKey { secret } }"


@pytest.fixture
def issued(api: RunningApi) -> dict[str, Any]:
    """The first key of a team, with its secret."""
    issued: dict[str, Any] = create(api)["issuedApiKey"]
    return issued


def rotate(api: RunningApi, issued: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Rotate a key and give the success."""
    result = run(api, "rotateApiKey", id=issued["apiKey"]["id"], **given)
    assert result["__typename"] == "RotateApiKeySuccess", result
    return result


def secret_of(result: dict[str, Any]) -> str:
    """Give the secret that a rotation shows."""
    secret: str = result["issuedApiKey"]["secret"]
    return secret


def test_the_key_keeps_all_but_its_secret(api: RunningApi, database: str, issued: dict[str, Any]) -> None:
    create(api, "other")
    run(api, "issueApiKey", teamId=issued["apiKey"]["team"]["id"], name="second")
    rest = "to_jsonb(api_keys) - '{key_hash,key_prefix,previous_key_hash,previous_secret_expires_at}'::text[] AS rest"
    query = f"SELECT id, {rest}, key_hash, key_prefix FROM api_keys ORDER BY id"  # noqa: S608 - ours
    before = rows(database, query)
    rotated = rotate(api, issued, overlapSeconds=60)["issuedApiKey"]
    assert re.fullmatch(r"ak_[A-Za-z0-9_-]{43}[A-Za-z0-9]{6}", rotated["secret"])
    assert rotated["secret"] != issued["secret"]
    assert rotated["apiKey"] == {**issued["apiKey"], "prefix": rotated["secret"][:12]}
    assert "cannot be shown again" in rotated["warning"]
    after = rows(database, query)
    assert [row["rest"] for row in after] == [row["rest"] for row in before]
    assert after[1:] == before[1:]
    assert (after[0]["key_hash"], after[0]["key_prefix"]) == (digest(rotated["secret"]), rotated["secret"][:12])
    assert rotated["secret"] not in str(everything(database))


def test_without_an_overlap_the_old_secret_stops_at_once(
    api: RunningApi, database: str, issued: dict[str, Any]
) -> None:
    before = datetime.now(UTC)
    result = rotate(api, issued)
    assert (works(api, issued["secret"]), works(api, secret_of(result))) == (False, True)
    assert abs(datetime.fromisoformat(result["previousSecretExpiresAt"]) - before) < timedelta(minutes=5)
    # There is nothing to find, so nothing is kept.
    assert rows(database, "SELECT previous_key_hash FROM api_keys") == [{"previous_key_hash": None}]


def test_both_secrets_stand_for_the_same_key_during_the_overlap(api: RunningApi, issued: dict[str, Any]) -> None:
    new = rotate(api, issued, overlapSeconds=604_800)
    document = "{ viewer { kind name team { platformName } } }"
    answers = [api.by(secret).execute(document)["viewer"] for secret in (issued["secret"], secret_of(new))]
    assert answers == [{"kind": "TEAM", "name": secret_of(new)[:12], "team": {"platformName": "acme"}}] * 2


@pytest.mark.parametrize("seconds", [1, 3600, 604_800])
def test_the_overlap_ends_by_the_databases_clock(
    api: RunningApi, database: str, issued: dict[str, Any], seconds: int
) -> None:
    before = rows(database, "SELECT clock_timestamp() AS now")[0]["now"]
    result = rotate(api, issued, overlapSeconds=seconds)
    after = rows(database, "SELECT clock_timestamp() AS now")[0]["now"]
    ends = datetime.fromisoformat(result["previousSecretExpiresAt"])
    assert before <= ends - timedelta(seconds=seconds) <= after
    for moment, expected in (("+ interval '1 hour'", True), ("", False), ("- interval '1 second'", False)):
        run_sql(database, f"UPDATE api_keys SET previous_secret_expires_at = clock_timestamp() {moment}")  # noqa: S608 - ours
        assert (works(api, issued["secret"]), works(api, secret_of(result))) == (expected, True), moment


def test_a_second_rotation_ends_the_first_overlap(api: RunningApi, issued: dict[str, Any]) -> None:
    second = secret_of(rotate(api, issued, overlapSeconds=604_800))
    third = secret_of(rotate(api, issued, overlapSeconds=604_800))
    assert [works(api, secret) for secret in (issued["secret"], second, third)] == [False, True, True]
    fourth = secret_of(rotate(api, issued))
    assert [works(api, secret) for secret in (issued["secret"], second, third, fourth)] == [False, False, False, True]


def test_the_overlap_ends_no_later_than_the_key_itself(api: RunningApi, database: str, issued: dict[str, Any]) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    run_sql(database, f"UPDATE api_keys SET expires_at = '{tomorrow.replace(tzinfo=None)}'")  # noqa: S608 - ours
    later = rotate(api, issued, overlapSeconds=604_800)
    assert datetime.fromisoformat(later["previousSecretExpiresAt"]) == tomorrow
    sooner = rotate(api, issued, overlapSeconds=60)
    assert datetime.fromisoformat(sooner["previousSecretExpiresAt"]) < tomorrow
    run_sql(database, "UPDATE api_keys SET expires_at = '2020-01-01'")
    assert not any(works(api, secret_of(result)) for result in (later, sooner))


def test_both_secrets_of_a_revoked_key_or_an_inactive_team_stop_together(
    api: RunningApi, issued: dict[str, Any]
) -> None:
    secrets = (issued["secret"], secret_of(rotate(api, issued, overlapSeconds=600)))
    team = issued["apiKey"]["team"]["id"]
    for is_active in (False, True):
        run(api, "updateTeam", id=team, isActive=is_active)
        assert [works(api, secret) for secret in secrets] == [is_active] * 2
    run(api, "revokeApiKey", id=issued["apiKey"]["id"])
    assert not any(works(api, secret) for secret in secrets)


@pytest.mark.parametrize("ended", ["is_active = false", "expires_at = '2020-01-01'"])
def test_a_key_that_does_not_work_is_not_rotated(
    api: RunningApi, database: str, issued: dict[str, Any], ended: str
) -> None:
    run_sql(database, f"UPDATE api_keys SET {ended}")  # noqa: S608 - ours
    with unchanged(database):
        for overlap in (0, 60):
            result = run(api, "rotateApiKey", id=issued["apiKey"]["id"], overlapSeconds=overlap)
            assert problems_of(result) == [("id", "NOT_ALLOWED")]


def test_a_key_of_an_inactive_team_can_be_rotated(api: RunningApi, issued: dict[str, Any]) -> None:
    """The key is not at fault, and works with its team again."""
    team = issued["apiKey"]["team"]["id"]
    run(api, "updateTeam", id=team, isActive=False)
    secret = secret_of(rotate(api, issued))
    run(api, "updateTeam", id=team, isActive=True)
    assert works(api, secret)


@pytest.mark.parametrize("form", Form)
def test_the_overlap_is_given_or_left_out(api: RunningApi, issued: dict[str, Any], form: Form) -> None:
    working = issued["secret"]
    parts: list[tuple[dict[str, Any], bool]] = [({"value": 600}, True), ({"value": 0}, False), ({}, False)]
    for part, expected in parts:
        fixed = {"id": issued["apiKey"]["id"]}
        if form is Form.VARIABLE and not part:
            # A variable that has to be given cannot be left out; the field can.
            result = run(api, "rotateApiKey", **fixed)
        else:
            result = run_with(api, "rotateApiKey", form, fixed=fixed, field="overlapSeconds", field_type="Int!", **part)
        assert works(api, working) is expected, part
        working = secret_of(result)


def test_an_overlap_beyond_its_bounds_is_refused(api: RunningApi, database: str, issued: dict[str, Any]) -> None:
    with unchanged(database):
        for seconds, code in (
            (-1, "TOO_SMALL"),
            (-(2**31), "TOO_SMALL"),
            (604_801, "TOO_LARGE"),
            (2**31 - 1, "TOO_LARGE"),
        ):
            result = run(api, "rotateApiKey", id=issued["apiKey"]["id"], overlapSeconds=seconds)
            assert problems_of(result) == [("overlapSeconds", code)]
    assert works(api, issued["secret"])


def test_an_id_that_names_no_key_is_api_key_not_found(api: RunningApi, database: str, issued: dict[str, Any]) -> None:
    (stored,) = rows(database, "SELECT key_hash, key_prefix FROM api_keys")
    assert encoded("ApiKey:1") == issued["apiKey"]["id"]
    with unchanged(database):
        # Not by what it hides either: no secret has to be sent to rotate a key.
        for node_id in (*strange_ids("ApiKey"), issued["secret"], stored["key_hash"], stored["key_prefix"]):
            assert run(api, "rotateApiKey", id=node_id)["__typename"] == "ApiKeyNotFound", node_id


def test_of_rotations_at_once_the_last_two_secrets_work(api: RunningApi, issued: dict[str, Any]) -> None:
    """They are one after the other, each with the secret of the one before as its old one."""
    results = at_once(8, lambda _: outcome(api, "rotateApiKey", SECRET, id=issued["apiKey"]["id"], overlapSeconds=600))
    secrets = [issued["secret"], *(secret_of(result) for result in results)]
    assert len(set(secrets)) == 9
    assert sum(works(api, secret) for secret in secrets) == 2
    assert not works(api, issued["secret"])


def test_a_rotation_and_a_revocation_at_once_leave_no_secret_that_works(
    api: RunningApi, issued: dict[str, Any]
) -> None:
    key = issued["apiKey"]["id"]
    results = at_once(
        6,
        lambda place: (
            outcome(api, "rotateApiKey", SECRET, id=key, overlapSeconds=600)
            if place
            else outcome(api, "revokeApiKey", id=key)
        ),
    )
    secrets = [secret_of(result) for result in results if result["__typename"] == "RotateApiKeySuccess"]
    assert not any(works(api, secret) for secret in (issued["secret"], *secrets))


def test_a_key_of_old_can_be_rotated_and_works_as_the_old_secret(
    api: RunningApi, database: str, issued: dict[str, Any]
) -> None:
    """Keys without a checksum go on working, before and beside the new one."""
    of_old = "ak_" + "o" * 43
    run_sql(database, f"UPDATE api_keys SET key_hash = '{digest(of_old)}', key_prefix = '{of_old[:12]}'")  # noqa: S608 - ours
    assert works(api, of_old)
    new = secret_of(rotate(api, issued, overlapSeconds=600))
    assert (works(api, of_old), works(api, new)) == (True, True)


def test_how_many_statements_a_rotation_takes(api: RunningApi, issued: dict[str, Any]) -> None:
    """A savepoint, the key held within a time that is read, set and reset; the change; and the team in the payload."""
    cases = [
        ({"id": issued["apiKey"]["id"]}, 8),
        ({"id": encoded("ApiKey:999")}, 6),
        ({"id": "nonsense"}, 0),
        ({"id": issued["apiKey"]["id"], "overlapSeconds": -1}, 0),
    ]
    for given, count in cases:
        with api.counted() as statements:
            run(api, "rotateApiKey", **given)
        assert len(statements) == count, statements
