"""createTeam: the team, its first key and its trail, also beside others, and how many statements it takes."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from domain.config.settings_table import SETTINGS
from tests.schema.teams.at_once import at_once, outcome
from tests.schema.teams.documents import Form, Name, create, document, run, run_with, team_of
from tests.schema.teams.names import PRIVATE_MODELS, STORED_NAMES
from tests.schema.teams.rows import everything, last_change, rows, trail, value

if TYPE_CHECKING:
    from tests.running_api import RunningApi


def test_a_private_team_without_overrides_gets_the_private_defaults(api: RunningApi) -> None:
    result = run(
        api,
        "createTeam",
        displayName="HOSCO Tabriz",
        platformName="HOSCO-Tabriz",
        platformType="PRIVATE",
        monthlyQuota=100000,
        dailyQuota=5000,
    )
    team, config = result["team"], result["team"]["effectiveConfig"]
    assert result["__typename"] == "CreateTeamSuccess"
    assert (team["displayName"], team["platformName"], team["platformType"]) == (
        "HOSCO Tabriz",
        "HOSCO-Tabriz",
        "PRIVATE",
    )
    assert (team["monthlyQuota"], team["dailyQuota"], team["isActive"], team["revision"]) == (100000, 5000, True, 1)
    assert set(team["overrides"].values()) == {None}
    assert (config["rateLimit"], config["maxHistory"]) == (60, 30)
    assert config["availableModels"] == PRIVATE_MODELS
    assert config["model"] == "openai/gpt-5-chat"
    assert (config["allowModelSwitch"], config["requiresAuth"], config["platformType"]) == (True, True, "PRIVATE")
    assert [entry["source"] for entry in config["resolution"]] == ["PLATFORM_DEFAULT"] * len(SETTINGS)
    assert config["violations"] == []
    assert team_of(api, team["id"]) == team


def test_a_team_created_with_overrides_gets_exactly_those(api: RunningApi) -> None:
    models = ["openai/gpt-4", "anthropic/claude-sonnet-4"]
    team = create(
        api,
        displayName="HOSCO VIP",
        platformName="HOSCO-VIP",
        platformType="PRIVATE",
        monthlyQuota=500000,
        dailyQuota=20000,
        overrides={"rateLimit": 120, "maxHistory": 50, "availableModels": models},
    )["team"]
    config = team["effectiveConfig"]
    assert (config["rateLimit"], config["maxHistory"], config["availableModels"]) == (120, 50, models)
    assert config["model"] == "openai/gpt-4"
    assert {entry["setting"]: entry["source"] for entry in config["resolution"]} == {
        "RATE_LIMIT": "TEAM_OVERRIDE",
        "MAX_HISTORY": "TEAM_OVERRIDE",
        "DEFAULT_MODEL": "DERIVED",
        "AVAILABLE_MODELS": "TEAM_OVERRIDE",
        "ALLOW_MODEL_SWITCH": "PLATFORM_DEFAULT",
    }
    assert config["violations"] == []
    assert team_of(api, team["id"]) == team


def test_the_first_keys_secret_is_shown_once_and_only_its_digest_is_kept(api: RunningApi, database: str) -> None:
    result = create(api)
    issued, team_id = result["issuedApiKey"], result["team"]["id"]
    secret, key = issued["secret"], issued["apiKey"]
    assert re.fullmatch(r"ak_[A-Za-z0-9_-]{49}", secret)
    assert key["prefix"] == secret[:12]
    assert (key["team"]["id"], key["isActive"], key["createdBy"]) == (team_id, True, "tester")
    assert (key["expiresAt"], key["lastUsedAt"], key["monthlyQuota"], key["dailyQuota"]) == (None,) * 4
    assert "cannot be shown again" in issued["warning"]
    assert value(database, "SELECT key_hash FROM api_keys") == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(everything(database))
    listed = api.execute("{ teams { nodes { apiKeys { nodes { id prefix } } } } }")["teams"]["nodes"][0]["apiKeys"]
    assert listed["nodes"] == [{"id": key["id"], "prefix": key["prefix"]}]


def test_each_team_gets_a_key_of_its_own(api: RunningApi) -> None:
    assert len({create(api, str(number))["issuedApiKey"]["secret"] for number in range(5)}) == 5


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    ("field", "field_type", "given", "stored", "unset"),
    [
        ("platformType", "PlatformType! = PRIVATE", Name("PUBLIC"), "PUBLIC", "PRIVATE"),
        ("monthlyQuota", "Int", 0, 0, None),
        ("dailyQuota", "Int", 2**31 - 1, 2**31 - 1, None),
    ],
)
def test_an_optional_field_is_given_null_or_left_out(
    api: RunningApi, form: Form, field: str, field_type: str, given: object, stored: object, unset: object
) -> None:
    asked: list[tuple[dict[str, Any], object]] = [({"value": given}, stored), ({}, unset)]
    if not field_type.startswith("PlatformType!"):
        asked.append(({"value": None}, unset))
    for number, (part, expected) in enumerate(asked):
        names = {"displayName": f"Acme {number}", "platformName": f"acme-{number}"}
        result = run_with(api, "createTeam", form, fixed=names, field=field, field_type=field_type, **part)
        assert result["team"][field] == expected


@pytest.mark.parametrize("form", Form)
def test_overrides_left_out_null_or_empty_override_nothing(api: RunningApi, form: Form) -> None:
    parts: list[dict[str, Any]] = [{}, {"value": None}, {"value": {}}, {"value": {"rateLimit": None}}]
    for number, part in enumerate(parts):
        names = {"displayName": f"Acme {number}", "platformName": f"acme-{number}"}
        result = run_with(
            api, "createTeam", form, fixed=names, field="overrides", field_type="ConfigOverridesInput", **part
        )
        assert set(result["team"]["overrides"].values()) == {None}


@pytest.mark.parametrize("form", [Form.LITERAL, Form.WHOLE_INPUT])
def test_names_are_stored_trimmed_and_normalised(api: RunningApi, form: Form) -> None:
    for given, stored in STORED_NAMES:
        fixed = {"displayName": given}
        result = run_with(api, "createTeam", form, fixed=fixed, field="platformName", field_type="String!", value=given)
        assert (result["team"]["displayName"], result["team"]["platformName"]) == (stored, stored)


def test_what_is_created_is_the_first_row_of_its_trail(api: RunningApi, database: str) -> None:
    team = create(api, "acme", monthlyQuota=7, overrides={"availableModels": ["a", "b"], "allowModelSwitch": False})[
        "team"
    ]
    (row,) = trail(database, team["id"])
    assert row["snapshot"] == {
        "display_name": "Team acme",
        "platform_name": "acme",
        "platform_type": "private",
        "monthly_quota": 7,
        "daily_quota": None,
        "is_active": True,
        "rate_limit": None,
        "max_history": None,
        "default_model": None,
        "available_models": ["a", "b"],
        "allow_model_switch": False,
    }
    assert last_change(database, team["id"])[:3] == (1, "tester", "createTeam")
    assert set(row["changed_fields"]) == set(row["snapshot"])


def test_of_fifty_who_want_one_name_one_gets_it(api: RunningApi, database: str) -> None:
    results = at_once(50, lambda place: outcome(api, "createTeam", displayName=f"Acme {place}", platformName="acme"))
    assert Counter(result["__typename"] for result in results) == {"CreateTeamSuccess": 1, "PlatformNameTaken": 49}
    assert {table: len(dump) for table, dump in everything(database).items() if dump} == {
        "teams": 1,
        "api_keys": 1,
        "team_revisions": 1,
    }


def test_creation_takes_two_statements_and_its_payload_none(api: RunningApi) -> None:
    """The team with its trail, and its key; the key's own team is one more, and only where it is asked for."""
    without_team_of_key = document("createTeam").replace("team { id }", "")
    with api.counted() as statements:
        api.execute(without_team_of_key, {"input": {"displayName": "Acme", "platformName": "acme"}})
    assert len(statements) == 2, statements
    with api.counted() as statements:
        create(api, "another")
    assert len(statements) == 3, statements


def test_times_are_the_databases_own_and_in_utc(api: RunningApi, database: str) -> None:
    team = create(api)["team"]
    (stored,) = rows(database, "SELECT to_json(created_at) #>> '{}' AS at, updated_at = created_at AS same FROM teams")
    assert team["createdAt"] == team["updatedAt"]
    assert stored["same"]
    assert team["createdAt"].rstrip("0Z") == stored["at"].rstrip("0")
