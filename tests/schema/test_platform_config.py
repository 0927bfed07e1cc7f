"""The configuration of platforms: documented defaults, a team's overrides over them, and whatever name is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_sql
from tests.running_api import running_api
from tests.schema.documented_defaults import FIELDS_OF_SETTINGS, plain_default
from tests.schema.world import add_teams

if TYPE_CHECKING:
    from tests.running_api import RunningApi

TEAMS: list[dict[str, Any]] = [
    {"platform_name": "telegram", "platform_type": "public"},
    {"platform_name": "Größe", "platform_type": "public", "is_active": False, "rate_limit": 5},
    {
        "platform_name": "everything",
        "rate_limit": 1,
        "max_history": 2,
        "default_model": "a",
        "available_models": ["a", "b"],
        "allow_model_switch": True,
    },
]


@pytest.fixture(scope="module")
def teams(module_database: str) -> list[str]:
    """The global ids of the teams above."""
    return add_teams(module_database, *TEAMS)


CONFIG = """platformType model availableModels rateLimit maxHistory allowModelSwitch requiresAuth commands
    resolution { setting value source isRedundant layers { source isSet value } } violations { code }"""
LOOK_UP = f"""query($platform: String!) {{
    platformConfig(platform: $platform) {{ platform foundBy team {{ id }} config {{ {CONFIG} }} }}
}}"""


@pytest.mark.parametrize("platform_type", ["PUBLIC", "PRIVATE"])
def test_the_defaults_are_those_documented(module_api: RunningApi, platform_type: str) -> None:
    document = f"query($type: PlatformType!) {{ platformDefaults(platformType: $type) {{ {CONFIG} }} }}"
    defaults = module_api.execute(document, {"type": platform_type})["platformDefaults"]
    assert defaults == plain_default(platform_type)


@pytest.mark.parametrize(
    ("platform", "platform_type"),
    [
        *((name, "PUBLIC") for name in ("Telegram", "TELEGRAM", "tElEgRaM")),
        *((name, "PRIVATE") for name in ("internal", "", " ", " telegram", "telegram ", "telegr\u0430m", "telegram2")),
        *((name, "PRIVATE") for name in ("\U0001f600", "' OR 1=1 --", "x" * 255)),
    ],
)
@pytest.mark.usefixtures("teams")
def test_a_name_that_no_team_bears_gets_the_defaults_of_its_type(
    module_api: RunningApi, platform: str, platform_type: str
) -> None:
    assert module_api.execute(LOOK_UP, {"platform": platform})["platformConfig"] == {
        "platform": platform,
        "foundBy": "PLATFORM_NAME",
        "team": None,
        "config": plain_default(platform_type),
    }


@pytest.mark.parametrize("platform", ["a\x00b", "telegram\x00", "a\u202e", "a\n", "x" * 256, "x" * 100_001])
def test_a_name_that_nothing_can_bear_is_refused(module_api: RunningApi, platform: str) -> None:
    error = module_api.error(LOOK_UP, {"platform": platform})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "`platform`" in error["message"]
    assert len(error["message"]) < 200


def test_text_that_is_no_text_is_refused(module_api: RunningApi) -> None:
    """Lone surrogates are no characters: neither JSON nor GraphQL takes them, in a literal or in a variable."""
    error = module_api.error('{ platformConfig(platform: "\\uD800") { foundBy } }')
    assert error["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    body = (
        b'{"query": "query($p: String!) { platformConfig(platform: $p) { platform } }", "variables": {"p": "\\ud800"}}'
    )
    response = module_api.client.post(
        f"{module_api.address}/graphql",
        content=body,
        headers={"Authorization": f"Bearer {module_api.key}", "Content-Type": "application/json"},
    )
    assert response.status_code == 400
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["BAD_REQUEST"]


@pytest.mark.parametrize(("team", "place"), [(team, place) for place, team in enumerate(TEAMS)])
def test_a_name_that_a_team_bears_gets_what_the_team_shows(
    module_api: RunningApi, teams: list[str], team: dict[str, Any], place: int
) -> None:
    """Also where the team is not active: its configuration is no secret from an operator."""
    name = team["platform_name"]
    found = module_api.execute(LOOK_UP, {"platform": name})["platformConfig"]
    document = f"query($id: ID!) {{ team(by: {{id: $id}}) {{ effectiveConfig {{ {CONFIG} }} }} }}"
    config = module_api.execute(document, {"id": teams[place]})["team"]["effectiveConfig"]
    assert found == {
        "platform": team["platform_name"],
        "foundBy": "TEAM",
        "team": {"id": teams[place]},
        "config": config,
    }


@pytest.mark.usefixtures("teams")
def test_overrides_show_with_their_source(module_api: RunningApi) -> None:
    config = module_api.execute(LOOK_UP, {"platform": "everything"})["platformConfig"]["config"]
    shown = {
        entry["setting"]: (entry["value"], entry["source"], entry["isRedundant"]) for entry in config["resolution"]
    }
    assert shown == {
        "RATE_LIMIT": (1, "TEAM_OVERRIDE", False),
        "MAX_HISTORY": (2, "TEAM_OVERRIDE", False),
        "DEFAULT_MODEL": ("a", "TEAM_OVERRIDE", False),
        "AVAILABLE_MODELS": (["a", "b"], "TEAM_OVERRIDE", False),
        "ALLOW_MODEL_SWITCH": (True, "TEAM_OVERRIDE", True),
    }
    assert {field: config[field] for field in FIELDS_OF_SETTINGS.values()} == {
        FIELDS_OF_SETTINGS[setting]: value for setting, (value, *_) in shown.items()
    }
    layers = {entry["setting"]: [layer["value"] for layer in entry["layers"]] for entry in config["resolution"]}
    assert layers["RATE_LIMIT"] == [60, 1]
    assert config["violations"] == []


def test_rows_that_break_the_rules_are_read_and_say_so(migrated_database: str) -> None:
    """They are older than the constraints, which hold new rows only."""
    run_sql(
        migrated_database,
        *(f"ALTER TABLE teams DROP CONSTRAINT ck_teams_{of}" for of in ("rate_limit", "available_models")),
    )
    row = {"default_model": "gone", "max_history": 5, "rate_limit": -5, "available_models": {"not": "a list"}}
    (team,) = add_teams(migrated_database, row)
    with running_api(migrated_database) as api:
        shown = api.execute(
            """query($id: ID!) { team(by: {id: $id}) {
                overrides { rateLimit availableModels defaultModel }
                effectiveConfig { rateLimit maxHistory model violations { code setting message } }
            } }""",
            {"id": team},
        )["team"]
    assert shown["overrides"] == {"rateLimit": -5, "availableModels": [], "defaultModel": "gone"}
    config = shown["effectiveConfig"]
    assert (config["rateLimit"], config["maxHistory"], config["model"]) == (60, 5, "openai/gpt-5-chat")
    assert {(entry["setting"], entry["code"]) for entry in config["violations"]} == {
        ("RATE_LIMIT", "VALUE_OUT_OF_RANGE"),
        ("AVAILABLE_MODELS", "VALUE_OUT_OF_RANGE"),
        ("DEFAULT_MODEL", "MODEL_NOT_AVAILABLE"),
    }


def test_defaults_follow_the_settings_of_the_process(database: str) -> None:
    """Teams inherit them as they are now: nothing of them is copied into a team."""
    add_teams(database, {"platform_name": "open", "platform_type": "public"}, {"rate_limit": 8})
    configured: dict[str, Any] = {
        "telegram_rate_limit": 7,
        "telegram_max_history": 3,
        "telegram_models": ("one", "two"),
        "telegram_default_model": "two",
        "telegram_allow_model_switch": False,
        "internal_max_history": 4,
    }
    document = f"""{{
        public: platformDefaults(platformType: PUBLIC) {{ {CONFIG} }}
        private: platformDefaults(platformType: PRIVATE) {{ rateLimit maxHistory }}
        team: platformConfig(platform: "open") {{ config {{ {CONFIG} }} }}
        name: platformConfig(platform: "Telegram") {{ config {{ {CONFIG} }} }}
        other: platformConfig(platform: "platform-001") {{ config {{ rateLimit maxHistory }} }}
    }}"""
    with running_api(database, **configured) as api:
        shown = api.execute(document)
    assert {field: shown["public"][field] for field in FIELDS_OF_SETTINGS.values()} == {
        "rateLimit": 7,
        "maxHistory": 3,
        "model": "two",
        "availableModels": ["one", "two"],
        "allowModelSwitch": False,
    }
    assert shown["public"] == shown["team"]["config"] == shown["name"]["config"]
    assert shown["private"] == {"rateLimit": 60, "maxHistory": 4}
    assert shown["other"]["config"] == {"rateLimit": 8, "maxHistory": 4}
