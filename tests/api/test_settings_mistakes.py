"""Settings that cannot be used: every mistake is named at once. No secret is repeated, neither then nor otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
        f"postgresql://user:{SECRET}@host:0/database",
        f"postgresql://user:{SECRET}@host:65536/database",
        f"postgresql://user:{SECRET}@host/database?port=65536",
        f"postgresql://user:{SECRET}@/database?host=host:65536",
        f"postgresql://user:{SECRET}@/database?host=host&port=port",
        f"postgresql://user:{SECRET}@/database?host=one:5432&host=two:0",
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


@pytest.mark.parametrize(("platform", "variable"), [("TELEGRAM", "TELEGRAM_MODELS"), ("INTERNAL", "INTERNAL_MODELS")])
def test_a_list_without_the_default_model_is_a_mistake_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, platform: str, variable: str
) -> None:
    """The default model that nobody set has to be in the list that somebody did: else the server breaks later."""
    monkeypatch.setenv(variable, "example/one,example/two")
    assert {f"{platform}_DEFAULT_MODEL", variable} & set(complaints())


def test_nothing_that_shows_settings_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://user:{SECRET}@host/database")
    monkeypatch.setenv("SUPER_ADMIN_API_KEYS", f"alice:{SECRET}")
    for variable in ("TELEGRAM_SERVICE_KEY", "INTERNAL_API_KEY"):
        monkeypatch.setenv(variable, f"{SECRET}-{variable}")
    settings = load_settings()
    assert isinstance(settings, Settings)
    for shown in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert SECRET not in shown


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
        {"SUPER_ADMIN_API_KEYS": "alice:one-and-the-same,bob: one-and-the-same"},
    ],
)
def test_a_key_stands_for_one_caller(monkeypatch: pytest.MonkeyPatch, keys: dict[str, str]) -> None:
    for variable, value in keys.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=r"the key of another caller|hold the same key") as mistakes:
        load_settings()
    assert "one-and-the-same" not in str(mistakes.value)
