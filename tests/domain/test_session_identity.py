"""Session ids: usage logs have held them for years, so their form is fixed by these vectors."""

from __future__ import annotations

import pytest

from domain.session_identity import session_id


@pytest.mark.parametrize(
    ("platform", "team_id", "user_id", "expected"),
    [
        ("telegram", 7, "user-1", "330180b404cb36ead4d9bf7fce5a9441"),  # md5 of telegram:7:user-1
        ("telegram", 0, "user-1", "79b20bf1c459b3495cdf81a4ddf4bb71"),  # md5 of telegram:0:user-1
        ("telegram", None, "user-1", "202a9efa975eca03dfa3383807f4ec14"),  # md5 of telegram:user-1
        ("Телеграм", 7, "ü", "c63451e7cc9b246c91476b8881f401ae"),  # md5 of the UTF-8 form
    ],
)
def test_a_session_id_is_the_md5_of_platform_team_and_user(
    platform: str, team_id: int | None, user_id: str, expected: str
) -> None:
    assert session_id(platform, user_id, team_id) == expected
