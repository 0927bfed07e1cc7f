"""Rows as reads give them: what the models' columns hold, without the work of an object of the session."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from db.models import ApiKey, ChatSession, Team
from db.types import representable
from domain.config.overrides import ConfigOverrides
from domain.config.setting_types import NameListType
from domain.config.settings_table import SETTINGS
from domain.platform import PlatformType, platform_type_of_stored

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime


class TeamRow(NamedTuple):
    """A team with its overrides."""

    id: int
    display_name: str
    platform_name: str
    platform_type: PlatformType
    monthly_quota: int | None
    daily_quota: int | None
    is_active: bool
    revision: int
    created_at: datetime
    updated_at: datetime
    overrides: ConfigOverrides

    @classmethod
    def of(cls, record: Sequence[Any]) -> TeamRow:
        """Build a row of what TEAM_COLUMNS gave."""
        (
            row_id,
            display_name,
            platform_name,
            platform_type,
            monthly_quota,
            daily_quota,
            is_active,
            revision,
            created_at,
            updated_at,
            *stored,
        ) = record
        return cls(
            row_id,
            display_name,
            platform_name,
            platform_type_of_stored(platform_type),
            monthly_quota,
            daily_quota,
            is_active,
            revision,
            created_at,
            updated_at,
            _overrides(stored),
        )


TEAM_COLUMNS = (
    Team.id,
    Team.display_name,
    Team.platform_name,
    Team.platform_type,
    Team.monthly_quota,
    Team.daily_quota,
    Team.is_active,
    Team.revision,
    Team.created_at,
    Team.updated_at,
    *(getattr(Team, setting.name) for setting in SETTINGS),
)
_JSON = tuple(position for position, setting in enumerate(SETTINGS) if isinstance(setting.type, NameListType))

_OVERRIDES_SHARED = 500
_TEXT = frozenset({str})


def _overrides(stored: list[Any]) -> ConfigOverrides:
    """Build overrides of columns; equal ones, unless they are damaged, share an object that is cheap to compare."""
    for position in _JSON:
        value = stored[position]
        if value is None:
            continue
        if value.__class__ is not list or not _TEXT.issuperset(map(type, value)):
            stored[position] = representable(value)
            return ConfigOverrides(tuple(stored))
        stored[position] = tuple(value)
    return _shared(tuple(stored))


@functools.lru_cache(maxsize=_OVERRIDES_SHARED)
def _shared(stored: tuple[object, ...]) -> ConfigOverrides:
    return ConfigOverrides(stored)


class SessionRow(NamedTuple):
    """A session."""

    id: int
    session_id: str
    platform: str
    team_id: int | None
    api_key_id: int | None
    user_id: str
    chosen_model: str | None
    created_at: datetime
    last_activity_at: datetime
    closed_at: datetime | None


SESSION_COLUMNS = tuple(getattr(ChatSession, name) for name in SessionRow._fields)

session_row: Callable[[Sequence[Any]], SessionRow] = functools.partial(tuple.__new__, SessionRow)
"""Makes a row of what SESSION_COLUMNS gave: as `_make` does, which takes twice as long to count the columns as well."""


class ApiKeyRow(NamedTuple):
    """A key, without its digests."""

    id: int
    key_prefix: str
    name: str
    team_id: int
    monthly_quota: int | None
    daily_quota: int | None
    is_active: bool
    created_by: str | None
    description: str | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


API_KEY_COLUMNS = tuple(getattr(ApiKey, name) for name in ApiKeyRow._fields)

api_key_row: Callable[[Sequence[Any]], ApiKeyRow] = functools.partial(tuple.__new__, ApiKeyRow)
"""The same of API_KEY_COLUMNS."""
