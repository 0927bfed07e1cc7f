""".env.example shows every setting with its default."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from domain.config.settings_table import SETTINGS
from graphql_api.settings import Settings, load_settings

if TYPE_CHECKING:
    import pytest

EXAMPLE = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
ENTRY = re.compile(r"^#?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


def variables() -> set[str]:
    """Give the name of every setting in the environment."""
    defaults = {default.variable for setting in SETTINGS for default in setting.defaults.values()}
    return {name.upper() for name in Settings.model_fields} | {name for name in defaults if name is not None}


def test_it_names_every_setting_once_and_nothing_else() -> None:
    shown = ENTRY.findall(EXAMPLE)
    assert variables() - set(shown) == set(), "missing from .env.example"
    assert set(shown) - variables() == set(), "unknown in .env.example"
    assert [name for name in set(shown) if shown.count(name) > 1] == []


def test_what_it_shows_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    defaults = load_settings()
    (tmp_path / ".env").write_text(re.sub(ENTRY, r"\1=", EXAMPLE), encoding="utf-8")
    assert load_settings().model_dump() == defaults.model_dump()
