"""deleteTeam."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from domain.api_key import digest
from tests.conftest import run_sql
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.documents import Form, create, run, run_with, team_of
from tests.schema.teams.ids import strange_ids
from tests.schema.teams.rows import everything, row_id, rows, trail, unchanged, value

if TYPE_CHECKING:
    from tests.running_api import RunningApi

EXPIRE = "UPDATE api_keys SET expires_at = timezone('utc', now()) - interval '1 second'"


def fill(address: str, team_id: int, key_id: int) -> None:
    """Give a team a session, messages and usage."""
    run_sql(
        address,
        "INSERT INTO chat_sessions (session_id, platform, team_id, api_key_id, user_id)"  # noqa: S608 - numbers
        f" VALUES (md5('{team_id}'), 'acme', {team_id}, {key_id}, 'u'),"
        f" (md5('x{team_id}'), 'acme', {team_id}, NULL, 'v')",
        "INSERT INTO messages (team_id, api_key_id, platform, user_id, role, content)"  # noqa: S608 - numbers
        f" VALUES ({team_id}, {key_id}, 'acme', 'u', 'user', 'hello'),"
        f" ({team_id}, NULL, 'acme', 'u', 'assistant', 'hi')",
        "INSERT INTO usage_logs (api_key_id, team_id, session_id, platform)"  # noqa: S608 - numbers
        f" VALUES ({key_id}, {team_id}, md5('{team_id}'), 'acme')",
    )


def fill_as_created(address: str, created: dict[str, Any]) -> None:
    fill(address, row_id(created["team"]["id"]), row_id(created["issuedApiKey"]["apiKey"]["id"]))


def test_a_team_is_kept_while_its_keys_work(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    run(api, "issueApiKey", teamId=team["id"], name="second")
    run(api, "issueApiKey", teamId=team["id"], name="third", expiresAt="9998-12-31T23:59:59Z")
    create(api, "other")
    with unchanged(database):
        refused = run(api, "deleteTeam", id=team["id"])
    assert (refused["__typename"], refused["activeApiKeys"]) == ("TeamHasActiveApiKeys", 3)


def test_keys_of_an_inactive_team_count_since_they_would_work_again(
    api: RunningApi, database: str, team: dict[str, Any]
) -> None:
    run(api, "updateTeam", id=team["id"], isActive=False)
    with unchanged(database):
        assert run(api, "deleteTeam", id=team["id"])["activeApiKeys"] == 1


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE api_keys SET is_active = false",
        EXPIRE,
        f"{EXPIRE}, is_active = false",
        "DELETE FROM api_keys",
    ],
)
def test_a_team_whose_keys_no_longer_work_is_deleted_without_force(
    api: RunningApi, database: str, team: dict[str, Any], end: str
) -> None:
    run_sql(database, end)
    assert run(api, "deleteTeam", id=team["id"]) == {"__typename": "DeleteTeamSuccess", "deletedTeamId": team["id"]}
    assert team_of(api, team["id"]) is None


def test_only_keys_that_work_are_counted(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    keys = [run(api, "issueApiKey", teamId=team["id"], name=name)["issuedApiKey"] for name in ("b", "c", "d")]
    run(api, "revokeApiKey", id=keys[0]["apiKey"]["id"])
    run_sql(database, f"{EXPIRE} WHERE key_hash = '{digest(keys[1]['secret'])}'")
    with unchanged(database):
        assert run(api, "deleteTeam", id=team["id"])["activeApiKeys"] == 2


def test_force_deletes_all_that_hangs_on_the_team_and_nothing_else(api: RunningApi, database: str) -> None:
    other = create(api, "other")
    fill_as_created(database, other)
    run_sql(
        database,
        "INSERT INTO chat_sessions (session_id, platform, user_id) VALUES (md5('none'), 'telegram', 'u')",
        "INSERT INTO messages (platform, user_id, role, content) VALUES ('telegram', 'u', 'user', 'no team')",
    )
    before = everything(database)
    doomed = create(api, "doomed")
    fill_as_created(database, doomed)

    deleted = run(api, "deleteTeam", id=doomed["team"]["id"], force=True)

    assert deleted == {"__typename": "DeleteTeamSuccess", "deletedTeamId": doomed["team"]["id"]}
    after = everything(database)
    assert len(after.pop("team_revisions")) == len(before.pop("team_revisions")) + 2
    assert after == before
    assert api.by(doomed["issuedApiKey"]["secret"]).post("{ viewer { name } }").status_code == 401
    assert api.by(other["issuedApiKey"]["secret"]).execute("{ viewer { team { id } } }")


@pytest.mark.parametrize("whose", ["NULL", "2"])
def test_messages_of_others_that_name_a_key_of_the_team_do_not_stand_in_the_way(
    api: RunningApi, database: str, whose: str
) -> None:
    """The earlier service wrote such rows: messages without a team, or of another one, by a team's key."""
    doomed, other = create(api, "doomed"), create(api, "other")
    assert [row_id(created["team"]["id"]) for created in (doomed, other)] == [1, 2]
    run_sql(
        database,
        "INSERT INTO messages (team_id, api_key_id, platform, user_id, role, content)"  # noqa: S608 - from above
        f" VALUES ({whose}, 1, 'telegram', 'u', 'user', 'hello')",
    )
    assert run(api, "deleteTeam", id=doomed["team"]["id"], force=True)["__typename"] == "DeleteTeamSuccess"
    (message,) = rows(database, "SELECT team_id, api_key_id, content FROM messages")
    assert message == {"team_id": None if whose == "NULL" else 2, "api_key_id": None, "content": "hello"}


def test_usage_of_others_by_a_key_of_the_team_does_not_stand_in_the_way(api: RunningApi, database: str) -> None:
    doomed, _ = create(api, "doomed"), create(api, "other")
    run_sql(database, "INSERT INTO usage_logs (api_key_id, team_id, session_id, platform) VALUES (1, 2, 's', 'p')")
    assert value(database, "SELECT sum(requests) FROM usage_totals WHERE team_id = 2") == 1
    assert run(api, "deleteTeam", id=doomed["team"]["id"], force=True)["__typename"] == "DeleteTeamSuccess"
    assert value(database, "SELECT sum(requests) FROM usage_totals") == 0, "totals go with the logs, whoever's they are"


def test_the_trail_outlives_the_team_and_ends_with_its_deletion(
    api: RunningApi, database: str, team: dict[str, Any]
) -> None:
    run(api, "updateTeam", id=team["id"], dailyQuota=5)
    run(api, "deleteTeam", id=team["id"], force=True, expectedRevision=2)
    created, updated, deleted = trail(database, team["id"])
    assert [row["action"] for row in (created, updated, deleted)] == ["createTeam", "updateTeam", "deleteTeam"]
    assert [row["revision"] for row in (created, updated, deleted)] == [1, 2, 3]
    assert (deleted["changed_by"], deleted["changed_fields"]) == ("tester", [])
    assert deleted["snapshot"] == updated["snapshot"]
    # The names are free again, and the new team's trail is its own.
    again = create(api)["team"]
    assert again["id"] != team["id"]
    assert len(trail(database, again["id"])) == 1


def test_a_stale_revision_is_a_conflict_that_carries_the_current_team(
    api: RunningApi, database: str, team: dict[str, Any]
) -> None:
    """Before anything else is looked at, and by force no less."""
    with unchanged(database):
        for stale, force in ((0, True), (2, True), (2, False), (2**31 - 1, True)):
            refused = run(api, "deleteTeam", id=team["id"], expectedRevision=stale, force=force)
            assert (refused["__typename"], refused["currentRevision"]) == ("RevisionConflict", 1)
            assert refused["team"] == team


@pytest.mark.parametrize("form", Form)
def test_force_is_false_where_it_is_left_out(api: RunningApi, database: str, team: dict[str, Any], form: Form) -> None:
    parts: list[tuple[dict[str, Any], str]] = [
        ({}, "TeamHasActiveApiKeys"),
        ({"value": False}, "TeamHasActiveApiKeys"),
        ({"value": True}, "DeleteTeamSuccess"),
    ]
    for part, expected in parts:
        result = run_with(
            api,
            "deleteTeam",
            form,
            fixed={"id": team["id"]},
            field="force",
            field_type="Boolean! = false",
            **part,
        )
        assert result["__typename"] == expected
    assert value(database, "SELECT count(*) FROM teams") == 0


@pytest.mark.parametrize("form", Form)
def test_the_expected_revision_is_optional(api: RunningApi, form: Form) -> None:
    parts: list[dict[str, Any]] = [{}, {"value": None}, {"value": 1}]
    for part in parts:
        fixed = {"id": create(api)["team"]["id"], "force": True}
        result = run_with(api, "deleteTeam", form, fixed=fixed, field="expectedRevision", field_type="Int", **part)
        assert result["__typename"] == "DeleteTeamSuccess"


def test_an_id_that_names_no_team_is_team_not_found(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    assert row_id(team["id"]) == 1
    with unchanged(database):
        for node_id in strange_ids("Team"):
            assert run(api, "deleteTeam", id=node_id, force=True)["__typename"] == "TeamNotFound", node_id


def test_a_team_is_deleted_once(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    results = at_once(10, lambda _: outcome(api, "deleteTeam", id=team["id"], force=True))
    assert Counter(result["__typename"] for result in results) == {"DeleteTeamSuccess": 1, "TeamNotFound": 9}
    assert len(trail(database, team["id"])) == 2


def test_keys_issued_while_the_team_is_deleted_go_with_it(api: RunningApi, database: str, team: dict[str, Any]) -> None:
    def ask(place: int) -> str:
        if place == 0:
            result = outcome(api, "deleteTeam", id=team["id"], force=True)
        else:
            # The payload names no team: it may be gone by then.
            result = outcome(api, "issueApiKey", teamId=team["id"], name=f"key {place}")
        name: str = result["__typename"]
        return name

    first, *others = at_once(20, ask)
    assert first == "DeleteTeamSuccess"
    assert set(others) <= {"IssueApiKeySuccess", "TeamNotFound"}
    assert everything(database)["api_keys"] == []


@pytest.mark.parametrize(
    ("given", "count"),
    [
        # The row and its lock; the trail; its keys' locks; what of others names them, twice; five tables that hang on
        # it; the team.
        ({"force": True}, 11),
        # The keys that work are counted.
        ({}, 2),
        # A conflict reads the team again, for its payload.
        ({"force": True, "expectedRevision": 5}, 2),
        ({"id": "nonsense"}, 0),
    ],
)
def test_how_many_statements_a_deletion_takes(
    api: RunningApi, database: str, team: dict[str, Any], given: dict[str, Any], count: int
) -> None:
    for number in range(5):
        run_sql(
            database,
            "INSERT INTO chat_sessions (session_id, platform, team_id, user_id)"  # noqa: S608 - numbers
            f" VALUES ('{number}', 'acme', 1, '{number}')",
        )
    with api.counted() as statements:
        run(api, "deleteTeam", **{"id": team["id"], **given})
    assert len(statements) == count, statements
