"""issueApiKey."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.schema.teams.documents import Form, create, document, literal, problems_of, run, run_with
from tests.schema.teams.ids import encoded, strange_ids
from tests.schema.teams.names import REFUSED_NAMES, STORED_NAMES
from tests.schema.teams.rows import everything, rows, unchanged

if TYPE_CHECKING:
    from tests.running_api import RunningApi

DESCRIPTION = "For the new bot.\r\n\tAsk Ada. \u202eΣ👩\u200d🔧"


@pytest.fixture
def team(api: RunningApi) -> dict[str, Any]:
    """A team with its first key."""
    team: dict[str, Any] = create(api)["team"]
    return team


def issue(api: RunningApi, team: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Issue a key and give it as it is listed."""
    result = run(api, "issueApiKey", **{"teamId": team["id"], "name": "second", **given})
    assert result["__typename"] == "IssueApiKeySuccess", result
    key: dict[str, Any] = result["issuedApiKey"]["apiKey"]
    return key


def test_a_key_is_issued_as_asked_for(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    result = run(
        api,
        "issueApiKey",
        teamId=team["id"],
        name=" second ",
        description=DESCRIPTION,
        monthlyQuota=1000,
        dailyQuota=0,
        expiresAt="2999-12-31T23:59:59.5+02:00",
    )
    issued, key = result["issuedApiKey"], result["issuedApiKey"]["apiKey"]
    assert re.fullmatch(r"ak_[A-Za-z0-9_-]{49}", issued["secret"])
    assert "cannot be shown again" in issued["warning"]
    created_at = datetime.fromisoformat(key.pop("createdAt"))
    assert abs(created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert key == {
        "id": encoded("ApiKey:2"),
        "name": "second",
        "prefix": issued["secret"][:12],
        "description": DESCRIPTION,
        "monthlyQuota": 1000,
        "dailyQuota": 0,
        "isActive": True,
        "createdBy": "tester",
        "lastUsedAt": None,
        "expiresAt": "2999-12-31T21:59:59.500000Z",
        "team": {"id": team["id"]},
    }
    (stored,) = rows(database, "SELECT key_hash, expires_at FROM api_keys WHERE id = 2")
    assert stored["key_hash"] == hashlib.sha256(issued["secret"].encode()).hexdigest()
    assert stored["expires_at"] == datetime(2999, 12, 31, 21, 59, 59, 500_000)  # noqa: DTZ001 - the column has no zone
    assert issued["secret"] not in str(everything(database))


def test_the_key_is_listed_first_and_other_teams_do_not_have_it(api: RunningApi, team: dict[str, Any]) -> None:
    other = create(api, "other")["team"]
    issue(api, team, name="newest")
    nodes = api.execute("{ teams { nodes { id apiKeys { nodes { name } } } } }")["teams"]["nodes"]
    names = {node["id"]: [key["name"] for key in node["apiKeys"]["nodes"]] for node in nodes}
    assert names == {team["id"]: ["newest", "First key"], other["id"]: ["First key"]}


def test_two_keys_may_bear_one_name(api: RunningApi, team: dict[str, Any]) -> None:
    assert issue(api, team, name="twin")["id"] != issue(api, team, name="twin")["id"]


def test_an_inactive_team_may_get_a_key(api: RunningApi, team: dict[str, Any]) -> None:
    run(api, "updateTeam", id=team["id"], isActive=False)
    assert issue(api, team)["isActive"]


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    ("field", "field_type", "given"),
    [
        ("description", "String", "text"),
        ("monthlyQuota", "Int", 2**31 - 1),
        ("dailyQuota", "Int", 0),
        ("expiresAt", "DateTime", "2999-01-01T00:00:00Z"),
    ],
)
def test_an_optional_field_is_given_null_or_left_out(
    api: RunningApi, team: dict[str, Any], form: Form, field: str, field_type: str, given: object
) -> None:
    parts: list[tuple[dict[str, Any], object]] = [({"value": given}, given), ({"value": None}, None), ({}, None)]
    for part, stored in parts:
        fixed = {"teamId": team["id"], "name": "k"}
        result = run_with(api, "issueApiKey", form, fixed=fixed, field=field, field_type=field_type, **part)
        assert result["issuedApiKey"]["apiKey"][field] == stored


def test_the_name_is_stored_trimmed_and_normalised(api: RunningApi, team: dict[str, Any]) -> None:
    for given, stored in STORED_NAMES:
        assert issue(api, team, name=given)["name"] == stored


def test_a_description_is_kept_as_it_is(api: RunningApi, team: dict[str, Any]) -> None:
    for description in ("", " ", "d" * 10_000, "Ü" * 10_000, "\r\n\t"):
        assert issue(api, team, description=description)["description"] == description


def test_input_beyond_its_bounds_is_refused_with_every_problem(
    api: RunningApi, database: str, team: dict[str, Any]
) -> None:
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        *(({"name": name}, [("name", code)]) for name, code in REFUSED_NAMES),
        ({"description": "d" * 10_001}, [("description", "TOO_LONG")]),
        ({"description": "a\x00b"}, [("description", "MALFORMED")]),
        ({"description": "a\x1bb"}, [("description", "MALFORMED")]),
        ({"description": "a\u2029b"}, [("description", "MALFORMED")]),
        ({"monthlyQuota": -1}, [("monthlyQuota", "TOO_SMALL")]),
        ({"dailyQuota": -(2**31)}, [("dailyQuota", "TOO_SMALL")]),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, [("expiresAt", "TOO_SMALL")]),
        ({"expiresAt": "0001-01-01T00:00:00Z"}, [("expiresAt", "TOO_SMALL")]),
        ({"expiresAt": "9999-01-01T00:00:00Z"}, [("expiresAt", "TOO_LARGE")]),
        (
            {
                "name": "",
                "description": "\x00",
                "monthlyQuota": -1,
                "dailyQuota": -1,
                "expiresAt": "1970-01-01T00:00:00Z",
            },
            [
                ("name", "TOO_SHORT"),
                ("description", "MALFORMED"),
                ("monthlyQuota", "TOO_SMALL"),
                ("dailyQuota", "TOO_SMALL"),
                ("expiresAt", "TOO_SMALL"),
            ],
        ),
    ]
    with unchanged(database):
        for given, problems in cases:
            asked = {"teamId": team["id"], "name": "k", **given}
            assert problems_of(run(api, "issueApiKey", **asked)) == problems, given


@pytest.mark.parametrize("offset", [timedelta(hours=14), timedelta(0), timedelta(hours=-12), timedelta(minutes=330)])
def test_the_future_is_the_future_in_any_offset(
    api: RunningApi, database: str, team: dict[str, Any], offset: timedelta
) -> None:
    """A local time that looks past may lie ahead, and the other way round."""
    now = datetime.now(UTC).replace(microsecond=0)
    sign, minutes = ("-" if offset < timedelta(0) else "+"), abs(offset) // timedelta(minutes=1)
    suffix = f"{sign}{minutes // 60:02}:{minutes % 60:02}"

    def local(moment: datetime) -> str:
        return (moment + offset).replace(tzinfo=None).isoformat() + suffix

    ahead, behind = now + timedelta(minutes=5), now - timedelta(minutes=5)
    assert issue(api, team, expiresAt=local(ahead))["expiresAt"] == ahead.isoformat().replace("+00:00", "Z")
    with unchanged(database):
        refused = run(api, "issueApiKey", teamId=team["id"], name="k", expiresAt=local(behind))
        assert problems_of(refused) == [("expiresAt", "TOO_SMALL")]


def test_a_key_may_expire_in_the_far_future(api: RunningApi, team: dict[str, Any]) -> None:
    for given, shown in (
        ("9998-12-31T23:59:59.999999Z", "9998-12-31T23:59:59.999999Z"),
        ("9999-01-01T01:00:00+14:00", "9998-12-31T11:00:00Z"),
        ("2999-01-01T00:00:00.000001-00:30", "2999-01-01T00:30:00.000001Z"),
    ):
        assert issue(api, team, expiresAt=given)["expiresAt"] == shown


NO_MOMENTS = [
    "9999-12-31T23:59:59-01:00",
    "0001-01-01T00:00:00+01:00",
    "2999-01-01T00:00:00",
    "2999-01-01",
    "2999-02-30T00:00:00Z",
    "2999-01-01T25:00:00Z",
    "10000-01-01T00:00:00Z",
    "tomorrow",
    "",
]


def test_what_names_no_moment_is_the_callers_mistake(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    """In a variable, and in a literal, where it is found before anything is executed."""
    asked = {"teamId": team["id"], "name": "k"}
    with unchanged(database):
        for given in (*NO_MOMENTS, 32503680000, True, ["2999-01-01T00:00:00Z"]):
            error = api.error(document("issueApiKey"), {"input": {**asked, "expiresAt": given}})
            assert error["extensions"]["code"] == "BAD_USER_INPUT", given
            assert "DateTime" in error["message"]
        for given in NO_MOMENTS:
            fields = literal({**asked, "expiresAt": given})
            error = api.error(f"mutation {{ issueApiKey(input: {fields}) {{ __typename }} }}")
            assert error["extensions"]["code"] in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"), given
            assert "DateTime" in error["message"]


def test_an_id_that_names_no_team_is_team_not_found(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    assert encoded("Team:1") == team["id"]
    with unchanged(database):
        for node_id in strange_ids("Team"):
            assert run(api, "issueApiKey", teamId=node_id, name="k")["__typename"] == "TeamNotFound", node_id


@pytest.mark.parametrize(
    ("given", "count"),
    # The team is held, the key written; its team, in the payload, is read.
    [({}, 3), ({"teamId": encoded("Team:999")}, 1), ({"name": ""}, 0), ({"teamId": "nonsense"}, 0)],
)
def test_how_many_statements_a_key_takes(
    api: RunningApi, team: dict[str, Any], given: dict[str, Any], count: int
) -> None:
    with api.counted() as statements:
        run(api, "issueApiKey", **{"teamId": team["id"], "name": "k", **given})
    assert len(statements) == count, statements
