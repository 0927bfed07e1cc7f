"""DateTime: always UTC on the way out; on the way in any offset, but never a time that names no moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.scalars import parse_datetime, serialize_datetime
from tests.conftest import run_sql
from tests.schema.world import add_teams

if TYPE_CHECKING:
    from tests.running_api import RunningApi

ISSUE = """mutation($team: ID!, $expires: DateTime) {
    issueApiKey(input: {teamId: $team, name: "k", expiresAt: $expires}) {
        __typename
        ... on IssueApiKeySuccess { issuedApiKey { apiKey { expiresAt } } }
        ... on InvalidInput { problems { path code } }
    }
}"""

REFUSED: list[Any] = [
    "2099-01-31",
    "2099-01-31T12:00:00",
    "2099-01-31 12:00:00",
    "2099-01-31T12:00:00+24:00",
    "2099-01-31T12:00:00Europe/Berlin",
    "2099-01-31T12:00:00 UTC",
    "2099-13-01T00:00:00Z",
    "2099-02-29T00:00:00Z",
    "2099-01-31T25:00:00Z",
    "2099-01-31T12:00:60Z",
    "99999-01-31T12:00:00Z",
    "-0001-01-31T12:00:00Z",
    "12:00:00Z",
    "Z",
    "",
    " ",
    "now",
    "infinity",
    "2099-01-31T12:00:00Z\x00",
    "2099-01-31T12:00:00Z\x00 and more",
    "2099-01-31T12:00:00Z; DROP TABLE teams",
    "\u0662\u0660\u0669\u0669-01-31T12:00:00Z",
    # Out of range only once it is UTC.
    "9999-12-31T23:59:59-01:00",
    "0001-01-01T00:00:00+01:00",
    "1" * 10_000,
    4_073_328_000,
    1.5,
    True,
    {"year": 2099},
    ["2099-01-31T12:00:00Z", "2099-01-31T12:00:00Z"],
]


MINUTES = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


# Hypothesis adds the offset; a day is left for it at either end.
@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=MINUTES))  # noqa: DTZ001 - see above
def test_what_is_written_is_read_as_the_same_moment(moment: datetime) -> None:
    text = serialize_datetime(moment)
    assert text.endswith("Z")
    assert parse_datetime(text) == moment
    assert parse_datetime(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00Z"),
        (datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=5, minutes=30))), "2026-01-31T06:30:00Z"),
        (datetime(2026, 1, 31, 12, 0, 0, 1, tzinfo=UTC), "2026-01-31T12:00:00.000001Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_moments_are_written_as_rfc_3339_in_utc(moment: datetime, text: str) -> None:
    assert serialize_datetime(moment) == text


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("2099-01-31T12:00:00Z", "2099-01-31T12:00:00Z"),
        ("2099-01-31T12:00:00+00:00", "2099-01-31T12:00:00Z"),
        ("2099-01-31T12:00:00-00:00", "2099-01-31T12:00:00Z"),
        ("2099-01-31T12:00:00+05:30", "2099-01-31T06:30:00Z"),
        ("2099-01-31T23:30:00-23:59", "2099-02-01T23:29:00Z"),
        ("2099-01-31T12:00:00.5Z", "2099-01-31T12:00:00.500000Z"),
        ("2099-01-31T12:00:00.123456789Z", "2099-01-31T12:00:00.123456Z"),
        ("9998-12-31T23:59:59.999999Z", "9998-12-31T23:59:59.999999Z"),
        (None, None),
    ],
)
def test_a_moment_is_stored_as_it_is_given_with_any_offset(
    api: RunningApi, database: str, given: str | None, stored: str | None
) -> None:
    (team,) = add_teams(database, {})
    issued = api.execute(ISSUE, {"team": team, "expires": given})["issueApiKey"]
    assert issued["issuedApiKey"]["apiKey"] == {"expiresAt": stored}
    # And read again from the row.
    keys = api.execute("{ teams { nodes { apiKeys { nodes { expiresAt } } } } }")["teams"]["nodes"][0]["apiKeys"]
    assert keys["nodes"] == [{"expiresAt": stored}]


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: repr(value)[:40])
def test_what_names_no_moment_is_refused(module_api: RunningApi, value: Any) -> None:
    error = module_api.error(ISSUE, {"team": "nonsense", "expires": value})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "DateTime" in error["message"]


@pytest.mark.parametrize("literal", ['"2099-01-31"', '"2099-01-31T12:00:00"', '"tomorrow"', "4073328000", "true", "{}"])
def test_what_names_no_moment_is_refused_as_a_literal_too(module_api: RunningApi, literal: str) -> None:
    document = f'mutation {{ issueApiKey(input: {{teamId: "x", name: "k", expiresAt: {literal}}}) {{ __typename }} }}'
    error = module_api.error(document)
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert error["locations"] == [{"line": 1, "column": document.index(f"{literal}}}") + 1}]
    assert "DateTime" in error["message"]


@pytest.mark.parametrize("value", ["2020-01-01T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_a_moment_that_has_passed_is_a_moment_all_the_same(api: RunningApi, database: str, value: str) -> None:
    (team,) = add_teams(database, {})
    refused = api.execute(ISSUE, {"team": team, "expires": value})["issueApiKey"]
    assert refused == {"__typename": "InvalidInput", "problems": [{"path": ["expiresAt"], "code": "TOO_SMALL"}]}


def test_rows_without_a_zone_hold_utc_whatever_the_zone_of_the_server(api: RunningApi, database: str) -> None:
    add_teams(database, {})
    run_sql(database, "SET TIME ZONE 'Asia/Kathmandu'; UPDATE teams SET created_at = '2024-06-01 12:00:00.25'")
    (team,) = api.execute("{ teams { nodes { createdAt } } }")["teams"]["nodes"]
    assert team == {"createdAt": "2024-06-01T12:00:00.250000Z"}
