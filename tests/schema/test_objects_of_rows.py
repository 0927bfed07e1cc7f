"""Objects that are made of rows attribute by attribute: none is forgotten, which no constructor sees to."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from db.paging import Slice
from db.rows import ApiKeyRow, SessionRow, TeamRow
from db.text_budget import StoredMessage
from domain.config.overrides import ConfigOverrides
from domain.platform import PlatformType
from schema.api_keys.api_key import ApiKey
from schema.pagination import Connection, connection
from schema.sessions.message import Message
from schema.sessions.session import Session
from schema.teams.team import NEWEST_KEY_FIRST, Team

NOW = datetime.now(UTC)
TEAM = TeamRow._make([1, "a", "a", PlatformType.PUBLIC, None, None, True, 1, NOW, NOW, ConfigOverrides.of({})])
SESSION = SessionRow(1, "a", "a", 1, 1, "a", None, NOW, NOW, None)
API_KEY = ApiKeyRow._make([1, "a", "a", 1, None, None, True, None, None, NOW, None, None])
MESSAGE = StoredMessage(1, "user", NOW, None, "a")
PAGE: Slice[Any] = Slice([API_KEY], has_next=False, has_previous=False)


async def count() -> int:
    """Count what is on all pages."""
    return 1


@pytest.mark.parametrize(
    ("made", "of_type"),
    [
        (Team.from_row(TEAM), Team),
        (Session.from_row(SESSION), Session),
        (ApiKey.from_row(API_KEY), ApiKey),
        (Message.from_row(MESSAGE), Message),
        (connection(PAGE, NEWEST_KEY_FIRST, ApiKey.from_row, count), Connection),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_attribute_is_set(made: Any, of_type: type[Any]) -> None:
    given = {field.name for field in fields(of_type) if field.init}
    assert vars(made).keys() == given
    assert of_type(**vars(made)) == made
