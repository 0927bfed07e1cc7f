"""Errors: a code for programs in each of them, and of what went wrong inside nothing but a request id."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql
from tests.running_api import INTERNAL_KEY, running_api
from tests.schema.world import add_teams, populate

if TYPE_CHECKING:
    import httpx

    from tests.running_api import RunningApi

DETAIL = "detail that nobody outside may see"


def codes(response: httpx.Response) -> list[str]:
    """Give the code of each error."""
    return [error["extensions"]["code"] for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("not graphql", "GRAPHQL_PARSE_FAILED"),
        ('{ team(by: {platformName: "unterminated}) { id } }', "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ teams { nodes { id secret } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ teams(first: 99999999999) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ teams(size: 1) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ teams }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ platformDefaults(platformType: OTHER) { model } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ teams(orderBy: {field: ID}) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($undeclared: Nothing) { viewer { kind } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ node { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ teams(first: 101) { totalCount } }", "BAD_USER_INPUT"),
    ],
)
def test_a_document_that_cannot_be_run_says_why(module_api: RunningApi, document: str, code: str) -> None:
    response = module_api.post(document)
    assert set(codes(response)) == {code}
    assert all("requestId" not in error["extensions"] for error in response.json()["errors"])


@pytest.mark.parametrize(
    ("declared", "used", "variables"),
    [
        ("$v: Int!", "teams(first: $v) { totalCount }", {}),
        ("$v: Int!", "teams(first: $v) { totalCount }", {"v": None}),
        ("$v: Int", "teams(first: $v) { totalCount }", {"v": "1"}),
        ("$v: Int", "teams(first: $v) { totalCount }", {"v": 1.5}),
        ("$v: Int", "teams(first: $v) { totalCount }", {"v": 2**31}),
        ("$v: Int", "teams(first: $v) { totalCount }", {"v": True}),
        ("$v: String!", "platformConfig(platform: $v) { foundBy }", {"v": 1}),
        ("$v: PlatformType!", "platformDefaults(platformType: $v) { model }", {"v": "public"}),
        ("$v: TeamFilter", "teams(filter: $v) { totalCount }", {"v": {"isActive": "yes"}}),
        ("$v: TeamFilter", "teams(filter: $v) { totalCount }", {"v": {"unknown": 1}}),
        ("$v: TeamFilter", "teams(filter: $v) { totalCount }", {"v": {"overrides": ["NOTHING"]}}),
        ("$v: TeamFilter", "teams(filter: $v) { totalCount }", {"v": {"overrides": [None]}}),
        ("$v: TeamOrder", "teams(orderBy: $v) { totalCount }", {"v": {"field": None}}),
        ("$v: [ID!]!", "nodes(ids: $v) { id }", {"v": [None]}),
        ("$v: [ID!]!", "nodes(ids: $v) { id }", {"v": [1.5]}),
        ("$v: ID!", "node(id: $v) { id }", {"v": {"a": 1}}),
        ("$v: SessionBy!", "session(by: $v) { id }", {"v": {"key": {"platform": "p"}}}),
        ("$v: SessionFilter", "sessions(filter: $v) { totalCount }", {"v": {"isActive": 1}}),
    ],
)
def test_a_variable_that_does_not_fit_is_the_callers_mistake(
    module_api: RunningApi, declared: str, used: str, variables: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """It is told what does not fit, and the log is not told that the service failed."""
    response = module_api.post(f"query({declared}) {{ {used} }}", variables)
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert "$v" in error["message"] or "value" in error["message"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_messages_speak_to_callers_of_graphql(module_api: RunningApi) -> None:
    """Not of the types of the language that the service is written in."""
    errors = module_api.post("{ team(by: {platformName: null}) { id } }").json()["errors"]
    assert not [error["message"] for error in errors if "Maybe[" in error["message"] or "'str'" in error["message"]]


def test_of_several_operations_one_has_to_be_named(module_api: RunningApi) -> None:
    """As the specification has it; else the first would be run, and the others dropped without a word."""
    body = module_api.post("query A { viewer { kind } } query B { viewer { name } }").json()
    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] in ("BAD_REQUEST", "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")


def test_a_caller_without_the_right_is_told_so(module_api: RunningApi) -> None:
    error = module_api.by(INTERNAL_KEY).error('{ platformConfig(platform: "telegram") { foundBy } }')
    assert error["extensions"] == {"code": "FORBIDDEN"}
    assert error["path"] == ["platformConfig"]


def test_a_failure_of_one_field_leaves_its_siblings(module_api: RunningApi) -> None:
    body = module_api.post('{ viewer { kind } node(id: "x") { id } team(by: {id: "x"}) { id } }').json()
    assert (body["data"], body.get("errors")) == ({"viewer": {"kind": "ADMIN"}, "node": None, "team": None}, None)
    # `teams` cannot be null, so its failure is that of the whole.
    body = module_api.post("{ viewer { kind } teams(first: -1) { totalCount } }").json()
    assert body["data"] is None
    assert [error["path"] for error in body["errors"]] == [["teams"]]


def internal(response: httpx.Response) -> dict[str, Any]:
    """Give the one error of a response, having seen that it shows a request id and nothing else."""
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": response.headers["x-request-id"]}
    assert error["message"] == "Something went wrong inside the service. Quote the request id when you report it."
    assert set(error) == {"message", "locations", "path", "extensions"}
    assert DETAIL not in response.text
    return error  # type: ignore[no-any-return] # JSON


def test_a_failure_of_the_database_shows_a_request_id_and_nothing_else(
    migrated_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    (team,) = add_teams(migrated_database, {})
    run_sql(
        migrated_database,
        f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{DETAIL}'; END $$",
        "CREATE TRIGGER fail BEFORE UPDATE ON teams FOR EACH ROW EXECUTE FUNCTION fail()",
    )
    update = """mutation($id: ID!) { updateTeam(input: {id: $id, displayName: "new"}) {
        ... on UpdateTeamSuccess { team { revision } }
    } }"""
    with running_api(migrated_database) as api:
        response = api.post(update, {"id": team}, **{"X-Request-ID": "of-the-caller.1"})
        assert internal(response)["path"] == ["updateTeam"]
        assert response.headers["x-request-id"] == "of-the-caller.1"
        assert response.status_code == 200
        again = internal(api.post(update, {"id": team}))
        assert again["extensions"]["requestId"] != "of-the-caller.1"
        # Nothing was changed, and the service goes on.
        shown = api.execute("{ teams { nodes { displayName revision } } }")["teams"]["nodes"]
        assert shown == [{"displayName": "display-000", "revision": 1}]
    logged = [record for record in caplog.records if record.name == "schema.build"]
    assert [record.levelname for record in logged] == ["ERROR", "ERROR"]
    assert DETAIL in (logged[0].exc_text or str(logged[0].exc_info)), "the log has the rest"


def test_a_row_that_breaks_the_schema_is_an_internal_error_where_it_is_shown(migrated_database: str) -> None:
    (team, *_) = populate(migrated_database, teams=2)
    run_sql(
        migrated_database,
        "ALTER TABLE teams ALTER revision DROP NOT NULL",
        "UPDATE teams SET revision = NULL WHERE platform_name = 'platform-000'",
    )
    document = "query($id: ID!) { viewer { kind } team(by: {id: $id}) { revision } }"
    with running_api(migrated_database) as api:
        response = api.post(document, {"id": team.node_id})
        assert internal(response)["path"] == ["team", "revision"]
        assert response.json()["data"] == {"viewer": {"kind": "ADMIN"}, "team": None}


def test_a_defect_that_fails_many_fields_is_logged_once(
    migrated_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A page of them, each under many names, would fill the log with one request."""
    populate(migrated_database, teams=2)
    run_sql(
        migrated_database,
        "ALTER TABLE teams ALTER revision DROP NOT NULL",
        "UPDATE teams SET revision = NULL",
    )
    aliases = " ".join(f"a{number}: teams(first: 2) {{ edges {{ node {{ revision }} }} }}" for number in range(20))
    with running_api(migrated_database) as api:
        assert codes(api.post(f"{{ {aliases} }}")) == ["INTERNAL"]
    logged = [record for record in caplog.records if record.name == "schema.build"]
    assert [record.levelname for record in logged] == ["ERROR"]


@pytest.mark.parametrize("change", ["RENAME COLUMN rate_limit TO renamed", "RENAME TO renamed"])
def test_a_database_that_is_not_migrated_is_unavailable(
    migrated_database: str, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever runs the service is told to migrate; callers are told to try again."""
    with running_api(migrated_database) as api:
        api.execute("{ teams { totalCount } }")
        run_sql(migrated_database, f"ALTER TABLE teams {change}")
        response = api.post("{ teams { nodes { id } } }")
        assert codes(response) == ["UNAVAILABLE"]
        assert response.status_code == 503
        assert "rate_limit" not in response.text
        assert "migrate" not in response.text
        # What needs no table goes on being answered.
        assert api.execute("{ platformDefaults(platformType: PUBLIC) { rateLimit } }")
        assert codes(api.post("{ a: team(by: {id: 1}) { id } b: teams { nodes { id } } c: teams { totalCount } }"))
    logged = [record for record in caplog.records if record.name == "schema.build"]
    assert len(logged) == 2, "one for each operation, however many fields it failed"
    assert all("migrate" in record.__dict__["reason"] and record.exc_info is None for record in logged)


def test_a_database_that_goes_away_is_unavailable_and_comes_back(migrated_database: str) -> None:
    name = migrated_database.partition("?")[0].rpartition("/")[2]
    with running_api(migrated_database) as api:
        api.execute("{ teams { totalCount } }")
        kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"  # noqa: S608, E501 - a name from above
        run_sql(migrated_database, kill)
        answers = [api.post("{ teams { totalCount } }") for _ in range(2)]
    # One broken connection may be noticed by the request that meets it, and by no other.
    assert answers[0].status_code in (200, 503)
    assert answers[0].status_code == 200 or codes(answers[0]) == ["UNAVAILABLE"]
    assert answers[1].json()["data"] == {"teams": {"totalCount": 0}}
