"""The entries of a resolution."""

from __future__ import annotations

from typing import Any


def entry_of(config: dict[str, Any], setting: str) -> dict[str, Any]:
    """Give the entry of a setting."""
    (entry,) = (entry for entry in config["resolution"] if entry["setting"] == setting)
    return dict(entry)
