""".env.example shows every setting with its default."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from graphql_api.settings import SettingsWithDefaults, load_settings

if TYPE_CHECKING:
    import pytest

EXAMPLE = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
SHOWN: list[tuple[str, str]] = re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE)


def test_it_names_every_setting_once_and_nothing_else() -> None:
    settings = {name.upper() for name in SettingsWithDefaults.model_fields}
    shown = [name for name, _ in SHOWN]
    assert settings - set(shown) == set(), "missing from .env.example"
    assert set(shown) - settings == set(), "unknown in .env.example"
    assert {name for name in shown if shown.count(name) > 1} == set(), "more than once in .env.example"


def test_what_it_shows_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = load_settings().model_dump()
    for name, value in SHOWN:
        monkeypatch.setenv(name, value)
    assert load_settings().model_dump() == defaults
