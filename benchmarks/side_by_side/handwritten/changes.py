"""What is changed: a change and its trail in as few statements as it takes, and in one transaction."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import asyncpg
import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from benchmarks.side_by_side.handwritten import shapes
from benchmarks.side_by_side.handwritten.answers import NotFound, Refused, answer
from benchmarks.side_by_side.handwritten.configuration import PRIVATE, PUBLIC
from benchmarks.side_by_side.requests import ADMINISTRATOR

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_OVERRIDES: Final = ("rate_limit", "max_history", "default_model", "available_models", "allow_model_switch")
_TRAILED: Final = (
    *("display_name", "platform_name", "platform_type", "monthly_quota", "daily_quota", "is_active"),
    *_OVERRIDES,
)
_RETURNED: Final = f"{shapes.TEAM_COLUMNS}, monthly_quota, daily_quota"

_TRAIL_COLUMNS: Final = "(team_id, revision, changed_at, changed_by, action, snapshot, changed_fields)"
# All that is written of a new team in one statement, which is a transaction by itself.
_CREATE: Final = f"""
    WITH made AS (
        INSERT INTO teams ({", ".join(_TRAILED)}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        RETURNING {shapes.TEAM_COLUMNS}
    ), trail AS (
        INSERT INTO team_revisions {_TRAIL_COLUMNS}
        SELECT id, revision, clock_timestamp(), $12, 'createTeam', $13, $14 FROM made
    ), first_key AS (
        INSERT INTO api_keys (key_hash, key_prefix, team_id, name, created_by)
        SELECT $15, $16, id, 'First key', $12 FROM made
    )
    SELECT * FROM made
"""
_LOCK: Final = f"SELECT {_RETURNED} FROM teams WHERE id = $1 FOR NO KEY UPDATE"
_UPDATE: Final = f"""
    WITH changed AS (
        UPDATE teams SET rate_limit = $2, max_history = $3, default_model = $4, available_models = $5,
            allow_model_switch = $6, revision = revision + 1, updated_at = timezone('utc', clock_timestamp())
        WHERE id = $1 RETURNING {shapes.TEAM_COLUMNS}
    ), trail AS (
        INSERT INTO team_revisions {_TRAIL_COLUMNS}
        SELECT id, revision, clock_timestamp(), $7, 'updateTeamOverrides', $8, $9 FROM changed
    )
    SELECT * FROM changed
"""

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
_Quota = Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


class _Input(BaseModel):
    model_config = ConfigDict(alias_generator=_camel, extra="forbid")


class Overrides(_Input):
    """A change of overrides; what is absent stays."""

    rate_limit: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    max_history: Annotated[int, Field(ge=1, le=100, strict=True)] | None = None
    default_model: _Name | None = None
    available_models: Annotated[list[_Name], Field(min_length=1, max_length=100)] | None = None
    allow_model_switch: bool | None = None


class NewTeam(_Input):
    """A team to be made."""

    display_name: _Name
    platform_name: _Name
    platform_type: Literal["PUBLIC", "PRIVATE"] = "PRIVATE"
    monthly_quota: _Quota | None = None
    daily_quota: _Quota | None = None
    overrides: Overrides = Overrides()


class Change(_Input):
    """A change of a team."""

    id: str
    overrides: Overrides
    expected_revision: int | None = None


async def create_team(request: Request) -> Response:
    """Make a team with its first key."""
    try:
        new = NewTeam.model_validate_json(await request.body())
    except ValidationError as error:
        raise Refused(str(error)) from None
    stored_type = new.platform_type.lower()
    _require_available(stored_type, new.overrides.default_model, new.overrides.available_models)
    secret = f"ak_{secrets.token_urlsafe(32)}"
    key_hash = hashlib.sha256(secret.encode()).hexdigest()
    team = {
        "display_name": unicodedata.normalize("NFC", new.display_name),
        "platform_name": unicodedata.normalize("NFC", new.platform_name),
        "platform_type": stored_type,
        "monthly_quota": new.monthly_quota,
        "daily_quota": new.daily_quota,
        "is_active": True,
        **{name: getattr(new.overrides, name) for name in _OVERRIDES},
    }
    try:
        row = await request.app.state.pool.fetchrow(
            _CREATE, *team.values(), ADMINISTRATOR, team, _TRAILED, key_hash, secret[:12]
        )
    except asyncpg.UniqueViolationError:
        raise Refused("another team bears the name") from None
    return answer(
        "createTeam",
        {"__typename": "CreateTeamSuccess", "team": shapes.team(row), "issuedApiKey": {"secret": secret}},
    )


async def update_team_overrides(request: Request) -> Response:
    """Change what a team overrides."""
    try:
        change = Change.model_validate_json(await request.body())
        team_id = shapes.row_id_of("Team", change.id)
    except (ValidationError, ValueError) as error:
        raise Refused(str(error)) from None
    given = change.overrides.model_fields_set
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(_LOCK, team_id)
        if row is None:
            raise NotFound
        if change.expected_revision is not None and change.expected_revision != row["revision"]:
            raise Refused(f"the team has revision {row['revision']}")
        values = {name: getattr(change.overrides, name) if name in given else row[name] for name in _OVERRIDES}
        _require_available(row["platform_type"], values["default_model"], values["available_models"])
        changed = [name for name in _OVERRIDES if values[name] != row[name]]
        if changed:
            snapshot = {name: row[name] for name in _TRAILED} | values
            row = await connection.fetchrow(_UPDATE, team_id, *values.values(), ADMINISTRATOR, snapshot, changed)
    return answer("updateTeamOverrides", {"__typename": "UpdateTeamOverridesSuccess", "team": shapes.team(row)})


def _require_available(stored_type: str, model: str | None, models: list[str] | None) -> None:
    defaults = PUBLIC if stored_type == "public" else PRIVATE
    if model is not None and model not in (models or defaults.models):
        raise Refused(f"{model} is not one of the available models")
    if models is not None and len(set(models)) < len(models):
        raise Refused("a model is named twice")


def encode_json(value: Any) -> str:
    """Write JSON for a column."""
    return orjson.dumps(value).decode()
