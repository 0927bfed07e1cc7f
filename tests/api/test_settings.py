"""Settings: how values are read, and that the defaults are those of the table where nothing is configured."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from db.engine import create_engine, database_url
from domain.config.defaults import platform_defaults
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
from graphql_api.settings import load_settings


@pytest.mark.parametrize("value", ["1", "1000"])
def test_bounds_belong_to_the_range(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TELEGRAM_RATE_LIMIT", value)
    assert load_settings().defaults()[PlatformType.PUBLIC][RATE_LIMIT] == int(value)


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


def test_defaults_are_those_of_the_table() -> None:
    """Where nothing is configured."""
    assert load_settings().defaults() == {each: platform_defaults(each) for each in PlatformType}


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
    monkeypatch.setenv("SUPER_ADMIN_API_KEYS", "alice:s3cr3t-1, s3cr3t-2 ,bob : s3cr3t:3,")
    keys = admin_keys(load_settings().super_admin_api_keys)
    assert [key.name for key in keys][::2] == ["alice", "bob"]
    assert keys[1].name.startswith("key-"), "a fingerprint, where there is no name"
    assert "s3cr3t" not in repr(keys)


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
    monkeypatch.setenv("DATABASE_URL", "postgres://user:password@host/database?sslmode=verify-full")
    loaded = load_settings().database_url
    assert loaded is not None
    assert database_url(loaded.get_secret_value()).query == {"ssl": "verify-full"}
