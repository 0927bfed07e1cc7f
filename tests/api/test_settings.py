"""Settings: every mistake is named at once, no secret is repeated, and the defaults are the documented ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from db.engine import create_engine, database_url
from domain.config.settings_table import (
    ALLOW_MODEL_SWITCH,
    AVAILABLE_MODELS,
    DEFAULT_MODEL,
    MAX_HISTORY,
    RATE_LIMIT,
    SETTINGS,
)
from domain.platform import PlatformType
from graphql_api.setting_values import admin_keys
from graphql_api.settings import Settings, SettingsError, load_settings
from tests.api.processes import run

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cr3t"

MISTAKES = {
    "DATABASE_URL": (
        f"mysql://user:{SECRET}@host/database",
        f"user:{SECRET}@host",
        f"postgresql://user:{SECRET}@host:port/database",
    ),
    "DATABASE_POOL_SIZE": ("0", "1001", "many"),
    "SUPER_ADMIN_API_KEYS": (
        "name:",
        ":",
        f"ops:{SECRET},name:  ",
        f"{SECRET}, :,ops:{SECRET}",
        f"o\x07ps:{SECRET}",
        f"o\u202eps:{SECRET}",
        f'["o\\u0000ps:{SECRET}"]',
        f"{'o' * 101}:{SECRET}",
    ),
    "SESSION_TIMEOUT_MINUTES": ("0", "half an hour"),
    "CORS_ALLOWED_ORIGINS": (
        "admin.example.com",
        "https://admin.example.com/",
        "https://admin.example.com/path",
        "ftp://admin.example.com",
        "https://",
        f"https://user:{SECRET}@admin.example.com",
        "https://one.example https://two.example",
        "https://good.example,bad",
    ),
    "LOG_LEVEL": ("LOUD", "10"),
    "LOG_FORMAT": ("xml",),
    "TELEGRAM_RATE_LIMIT": ("0", "1001", "-1", "many", "1.5", "1e2"),
    "INTERNAL_RATE_LIMIT": ("0", "1001"),
    "TELEGRAM_MAX_HISTORY": ("0", "101", "many"),
    "INTERNAL_MAX_HISTORY": ("0", "101"),
    "TELEGRAM_ALLOW_MODEL_SWITCH": ("perhaps", "2"),
    "TELEGRAM_MODELS": (
        ",",
        " , ",
        "[]",
        '["a',
        "[1]",
        '[["a"]]',
        "[null]",
        "a,b,a",
        '["a","a"]',
        '["a",""]',
        "m" * 256,
    ),
    "INTERNAL_MODELS": ("[]", ",".join(f"model-{number}" for number in range(101))),
    "TELEGRAM_DEFAULT_MODEL": ("not/listed", "m" * 256),
    "INTERNAL_DEFAULT_MODEL": ("not/listed",),
}


def complaints() -> dict[str, str]:
    """What is wrong with the settings, by variable."""
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    title, *lines = str(refusal.value).splitlines()
    assert title == "These settings cannot be used (environment or .env):"
    assert SECRET not in str(refusal.value)
    assert refusal.value.__cause__ is None, "what would be printed with it repeats values"
    return dict(line.strip().split(": ", 1) for line in lines)


@pytest.mark.parametrize(
    ("variable", "value"), [(name, value) for name, values in MISTAKES.items() for value in values]
)
def test_a_mistake_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    found = complaints()
    assert list(found) == [variable]
    assert found[variable].endswith(".")


def test_all_mistakes_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, values in MISTAKES.items():
        # Whether a model is available cannot be told from a list that is none itself.
        monkeypatch.setenv(variable, "m" * 256 if variable.endswith("_MODEL") else values[0])
    assert set(complaints()) == set(MISTAKES)


@pytest.mark.parametrize("value", ["1", "1000"])
def test_bounds_belong_to_the_range(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TELEGRAM_RATE_LIMIT", value)
    assert load_settings().defaults()[PlatformType.PUBLIC][RATE_LIMIT] == int(value)


@pytest.mark.parametrize(("platform", "variable"), [("TELEGRAM", "TELEGRAM_MODELS"), ("INTERNAL", "INTERNAL_MODELS")])
def test_a_list_without_the_default_model_is_a_mistake_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, platform: str, variable: str
) -> None:
    """The default model that nobody set has to be in the list that somebody did: else the server breaks later."""
    monkeypatch.setenv(variable, "example/one,example/two")
    assert {f"{platform}_DEFAULT_MODEL", variable} & set(complaints())


def test_a_list_with_its_default_model_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERNAL_MODELS", "example/one,example/two")
    monkeypatch.setenv("INTERNAL_DEFAULT_MODEL", " example/two ")
    defaults = load_settings().defaults()[PlatformType.PRIVATE]
    assert defaults[DEFAULT_MODEL] == "example/two"
    assert defaults[AVAILABLE_MODELS] == ("example/one", "example/two")


@pytest.mark.parametrize(
    "written",
    [
        "google/gemini-2.0-flash-001,b/c",
        " google/gemini-2.0-flash-001 , b/c ,",
        '["google/gemini-2.0-flash-001", "b/c"]',
        ' [ "google/gemini-2.0-flash-001 ",\n " b/c" ] ',
    ],
)
def test_lists_are_comma_separated_or_json(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("TELEGRAM_MODELS", written)
    models = load_settings().defaults()[PlatformType.PUBLIC][AVAILABLE_MODELS]
    assert models == ("google/gemini-2.0-flash-001", "b/c")


def test_empty_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    unset = load_settings()
    for name in type(unset).model_fields:
        monkeypatch.setenv(name.upper(), "")
    assert load_settings() == unset
    assert unset.database_url is None
    assert not admin_keys(unset.super_admin_api_keys)


def test_defaults_are_the_documented_ones() -> None:
    defaults = load_settings().defaults()
    public, private = (
        {setting: defaults[platform_type][setting] for setting in SETTINGS}
        for platform_type in (PlatformType.PUBLIC, PlatformType.PRIVATE)
    )
    assert public == {
        RATE_LIMIT: 20,
        MAX_HISTORY: 10,
        DEFAULT_MODEL: "google/gemini-2.0-flash-001",
        AVAILABLE_MODELS: (
            "google/gemini-2.0-flash-001",
            "google/gemini-2.5-flash",
            "deepseek/deepseek-chat-v3-0324",
            "openai/gpt-4o-mini",
        ),
        ALLOW_MODEL_SWITCH: True,
    }
    assert private == {
        RATE_LIMIT: 60,
        MAX_HISTORY: 30,
        DEFAULT_MODEL: "openai/gpt-5-chat",
        AVAILABLE_MODELS: (
            "openai/gpt-5-chat",
            "openai/gpt-4.1",
            "openai/gpt-4o-mini",
            "openai/gpt-4o-search-preview",
            "anthropic/claude-sonnet-4",
            "google/gemini-2.0-flash-001",
            "google/gemini-2.5-flash",
            "deepseek/deepseek-chat-v3-0324",
            "x-ai/grok-4",
            "meta-llama/llama-4-maverick",
        ),
        ALLOW_MODEL_SWITCH: True,
    }


def test_every_default_that_may_be_configured_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in {
        "TELEGRAM_RATE_LIMIT": "7",
        "TELEGRAM_MAX_HISTORY": "8",
        "TELEGRAM_ALLOW_MODEL_SWITCH": "false",
        "TELEGRAM_MODELS": "a,b",
        "TELEGRAM_DEFAULT_MODEL": "b",
        "INTERNAL_RATE_LIMIT": "9",
        "INTERNAL_MAX_HISTORY": "11",
        "INTERNAL_MODELS": "c,d",
        "INTERNAL_DEFAULT_MODEL": "d",
    }.items():
        monkeypatch.setenv(variable, value)
    defaults = load_settings().defaults()
    public, private = defaults[PlatformType.PUBLIC], defaults[PlatformType.PRIVATE]
    assert {setting: public[setting] for setting in SETTINGS} == {
        RATE_LIMIT: 7,
        MAX_HISTORY: 8,
        ALLOW_MODEL_SWITCH: False,
        AVAILABLE_MODELS: ("a", "b"),
        DEFAULT_MODEL: "b",
    }
    assert {setting: private[setting] for setting in SETTINGS} == {
        RATE_LIMIT: 9,
        MAX_HISTORY: 11,
        ALLOW_MODEL_SWITCH: True,
        AVAILABLE_MODELS: ("c", "d"),
        DEFAULT_MODEL: "d",
    }


def test_admin_keys_may_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPER_ADMIN_API_KEYS", f"alice:{SECRET}-1, {SECRET}-2 ,bob : {SECRET}:3,")
    keys = admin_keys(load_settings().super_admin_api_keys)
    assert [key.name for key in keys][::2] == ["alice", "bob"]
    assert keys[1].name.startswith("key-"), "a fingerprint, where there is no name"
    assert SECRET not in repr(keys)


def test_nothing_that_shows_settings_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://user:{SECRET}@host/database")
    monkeypatch.setenv("SUPER_ADMIN_API_KEYS", f"alice:{SECRET}")
    for variable in ("TELEGRAM_SERVICE_KEY", "INTERNAL_API_KEY"):
        monkeypatch.setenv(variable, f"{SECRET}-{variable}")
    settings = load_settings()
    assert isinstance(settings, Settings)
    for shown in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert SECRET not in shown


@pytest.mark.parametrize("mode", ["disable", "prefer"])
async def test_an_address_with_sslmode_connects(migrated_database: str, mode: str) -> None:
    """An address is pasted as PostgreSQL's own tools write it; the driver calls the same thing `ssl`."""
    engine = create_engine(database_url(f"{migrated_database}&sslmode={mode}"))
    try:
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT 1")) == 1
    finally:
        await engine.dispose()


def test_sslmode_does_not_keep_the_settings_from_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgres://user:{SECRET}@host/database?sslmode=verify-full")
    loaded = load_settings().database_url
    assert loaded is not None
    assert database_url(loaded.get_secret_value()).query == {"ssl": "verify-full"}


def test_a_dotenv_file_is_read_and_the_environment_outranks_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        f"TELEGRAM_RATE_LIMIT=0\nINTERNAL_RATE_LIMIT=0\nINTERNAL_API_KEY={SECRET}\nSOMEBODY_ELSES=1\n", encoding="utf-8"
    )
    done = run("migrate", directory=tmp_path, INTERNAL_RATE_LIMIT="5")
    assert done.returncode == 1
    assert "TELEGRAM_RATE_LIMIT" in done.stderr
    assert "INTERNAL_RATE_LIMIT" not in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_serving_a_database_needs_an_administrator_and_says_so_with_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user@127.0.0.1/name")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(SettingsError) as mistakes:
        load_settings(for_serving=True)
    assert "SUPER_ADMIN_API_KEYS" in str(mistakes.value)
    assert "LOG_LEVEL" in str(mistakes.value)


@pytest.mark.parametrize(
    "keys",
    [
        {"SUPER_ADMIN_API_KEYS": "ops:one-and-the-same", "INTERNAL_API_KEY": "one-and-the-same"},
        {"SUPER_ADMIN_API_KEYS": "one-and-the-same", "TELEGRAM_SERVICE_KEY": "one-and-the-same"},
        {"TELEGRAM_SERVICE_KEY": "one-and-the-same", "INTERNAL_API_KEY": "one-and-the-same"},
    ],
)
def test_a_key_stands_for_one_caller(monkeypatch: pytest.MonkeyPatch, keys: dict[str, str]) -> None:
    for variable, value in keys.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match="another caller") as mistakes:
        load_settings()
    assert "one-and-the-same" not in str(mistakes.value)
