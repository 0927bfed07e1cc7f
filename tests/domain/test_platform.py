"""Platform types and how a name that no team bears is classed."""

from __future__ import annotations

import pytest

from domain.platform import COMMANDS, PlatformType, platform_type_of_name


@pytest.mark.parametrize(
    ("name", "platform_type"),
    [
        ("telegram", PlatformType.PUBLIC),
        ("TeleGRAM", PlatformType.PUBLIC),
        ("telegram2", PlatformType.PRIVATE),
        (" telegram", PlatformType.PRIVATE),
        ("internal", PlatformType.PRIVATE),
        ("", PlatformType.PRIVATE),
    ],
)
def test_telegram_in_any_case_is_public_and_any_other_name_private(name: str, platform_type: PlatformType) -> None:
    assert platform_type_of_name(name) is platform_type


def test_only_private_platforms_require_authentication() -> None:
    assert {kind: kind.requires_auth for kind in PlatformType} == {
        PlatformType.PUBLIC: False,
        PlatformType.PRIVATE: True,
    }


def test_the_stored_values_are_those_of_the_database() -> None:
    assert [kind.value for kind in PlatformType] == ["public", "private"]


def test_both_types_offer_the_documented_commands_and_not_settings() -> None:
    assert COMMANDS == ("start", "help", "status", "clear", "model", "models")
