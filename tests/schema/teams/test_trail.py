"""The trail: what every change of a team leaves, and that there is no change without it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from tests.conftest import run_sql
from tests.running_api import ADMIN_KEY, running_api
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.documents import OVERRIDES, create, document, run, type_name
from tests.schema.teams.rows import everything, rows, trail, unchanged

if TYPE_CHECKING:
    from tests.running_api import RunningApi

NO_TRAIL = (
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'the trail is full'; END$$",
    "CREATE TRIGGER no_trail BEFORE INSERT ON team_revisions FOR EACH ROW EXECUTE FUNCTION refuse()",
)


def test_a_change_whose_trail_cannot_be_written_does_not_happen(migrated_database: str) -> None:
    """The caller is told nothing but the id of its request."""
    with running_api(migrated_database) as api:
        team_id = create(api, "acme")["team"]["id"]
        run_sql(migrated_database, *NO_TRAIL)
        for mutation, given in (
            ("createTeam", {"displayName": "Other", "platformName": "other"}),
            ("updateTeam", {"id": team_id, "displayName": "Other"}),
            ("updateTeamOverrides", {"id": team_id, "overrides": {"rateLimit": 5}}),
            ("deleteTeam", {"id": team_id, "force": True}),
        ):
            with unchanged(migrated_database):
                response = api.post(document(mutation), {"input": given})
            (error,) = response.json()["errors"]
            assert response.json()["data"] is None
            assert error["extensions"] == {"code": "INTERNAL", "requestId": response.headers["X-Request-ID"]}
            assert "trail" not in response.text
        run_sql(migrated_database, "DROP TRIGGER no_trail ON team_revisions")
        assert run(api, "updateTeam", id=team_id, displayName="Other")["team"]["revision"] == 2


def test_the_trail_holds_no_secret(api: RunningApi, database: str) -> None:
    created = create(api)
    team_id, secret = created["team"]["id"], created["issuedApiKey"]["secret"]
    second = run(api, "issueApiKey", teamId=team_id, name="second")["issuedApiKey"]
    run(api, "updateTeam", id=team_id, dailyQuota=5)
    run(api, "revokeApiKey", id=second["apiKey"]["id"])
    run(api, "deleteTeam", id=team_id, force=True)
    text = str(everything(database))
    for word in (secret[:12], secret, second["secret"], ADMIN_KEY, "key_hash"):
        assert word not in text


def test_keys_are_no_change_of_the_team(api: RunningApi, database: str) -> None:
    """Neither issuing nor revoking raises the revision."""
    team = create(api)["team"]
    key = run(api, "issueApiKey", teamId=team["id"], name="second")["issuedApiKey"]["apiKey"]
    run(api, "revokeApiKey", id=key["id"])
    assert run(api, "updateTeam", id=team["id"])["team"] == team
    assert len(trail(database, team["id"])) == 1


def test_the_actor_is_the_administrators_name_or_a_fingerprint(migrated_database: str) -> None:
    keys = SecretStr("Ada Lovelace:ada-key-0123456789,nameless-key-0123456789")
    with running_api(migrated_database, super_admin_api_keys=keys) as api:
        create(api.by("ada-key-0123456789"), "a")
        create(api.by("nameless-key-0123456789"), "b")
    trailed = [
        row["changed_by"] for row in rows(migrated_database, "SELECT changed_by FROM team_revisions ORDER BY id")
    ]
    keyed = [row["created_by"] for row in rows(migrated_database, "SELECT created_by FROM api_keys ORDER BY id")]
    assert trailed == keyed
    assert trailed[0] == "Ada Lovelace"
    assert trailed[1].startswith("key-")
    assert len(trailed[1]) == 12


OWN = ("displayName", "monthlyQuota", "dailyQuota")
# What fifty writers change at the same time: mutation, field, column, and a value for each writer.
KINDS = (
    ("updateTeam", "displayName", "display_name", lambda place: f"Acme {place}"),
    ("updateTeam", "monthlyQuota", "monthly_quota", lambda place: 1000 + place),
    ("updateTeam", "dailyQuota", "daily_quota", lambda place: 100 + place),
    ("updateTeamOverrides", "rateLimit", "rate_limit", lambda place: 1 + place),
    ("updateTeamOverrides", "maxHistory", "max_history", lambda place: 1 + place),
)


@pytest.mark.parametrize(
    "kinds", [KINDS, [kind for kind in KINDS if kind[0] == "updateTeamOverrides"]], ids=["fields", "settings"]
)
def test_of_fifty_changes_at_once_none_is_lost(
    api: RunningApi, database: str, kinds: list[tuple[str, str, str, Any]]
) -> None:
    """Revisions and trail account for all, one after the other, and the last of each field is what stands."""
    team_id = create(api)["team"]["id"]

    def change(place: int) -> dict[str, Any]:
        mutation, field, _, value_of = kinds[place % len(kinds)]
        part = {field: value_of(place)}
        given = part if mutation == "updateTeam" else {"overrides": part}
        selection = (
            f"... on {type_name(mutation)}Success {{ team {{ revision {' '.join(OWN)} overrides {{ {OVERRIDES} }} }} }}"
        )
        team: dict[str, Any] = outcome(api, mutation, selection, id=team_id, **given)["team"]
        shown = team if mutation == "updateTeam" else team["overrides"]
        assert shown[field] == value_of(place)
        return team

    teams = at_once(50, change)
    assert sorted(team["revision"] for team in teams) == list(range(2, 52))
    recorded = trail(database, team_id)
    assert [row["revision"] for row in recorded] == list(range(1, 52))
    for before, after in pairwise(recorded):
        differing = [name for name in after["snapshot"] if after["snapshot"][name] != before["snapshot"][name]]
        assert after["changed_fields"] == differing
    expected = {
        column: next(row["snapshot"][column] for row in reversed(recorded) if column in row["changed_fields"])
        for _, _, column, _ in kinds
    }
    (stored,) = rows(database, "SELECT * FROM teams")
    assert {column: stored[column] for column in expected} == expected
    assert stored["revision"] == 51
